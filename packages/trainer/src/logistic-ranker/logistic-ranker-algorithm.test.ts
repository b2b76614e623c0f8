import {
  baselineColumnOf,
  type Column,
  Frame,
  float64,
  fromArrowStream,
  type LoadedModel,
  type ModelManifest,
  nullable,
  string,
  toArrowStream,
} from '@milonga/core';
import { describe, expect, it } from 'vitest';
import { BASELINE_FILE } from '../artifact/model-files.ts';
import { seededRandom } from '../random/seeded-random.ts';
import { runTask } from '../worker/run-task.ts';
import type { RankingData } from '../worker/training-data.ts';
import type { TrainingResult, TrainingTask } from '../worker/training-task.ts';
import { identity, log1p, oneHot, type RankerFeature } from './feature.ts';
import { logisticRankerAlgorithm, type ResolvedRanker } from './logistic-ranker-algorithm.ts';
import { type NegativeSampling, thinNegatives } from './negatives.ts';

const FIELDS = { taste: nullable(float64()), sold: float64(), noise: float64(), kind: string() };
const FEATURES: readonly RankerFeature[] = [identity('taste'), log1p('sold'), identity('noise'), oneHot('kind')];
/** What the chosen candidate is drawn by; the fit has to find it again. */
const TRUE = { taste: 2, sold: 1, noise: 0, tea: 1.5 };

/** Groups of 30 candidates in which one or more are chosen with the odds of a conditional logit. */
function choices(groups: number, seed: number, most = 3): RankingData {
  const random = seededRandom(seed);
  const rows: { taste: number | null; sold: number; noise: number; kind: string }[] = [];
  const label: number[] = [];
  const offsets = [0];
  const chosen: number[] = [];
  for (let group = 0; group < groups; group += 1) {
    const start = rows.length;
    for (let at = 0; at < 30; at += 1) {
      rows.push({
        taste: random.normal(),
        sold: Math.exp(random.normal() * 2),
        noise: random.normal(),
        kind: random.next() < 0.3 ? 'tea' : 'mug',
      });
      label.push(0);
    }
    const own = rows.slice(start).map(({ taste, sold, noise, kind }, at) => {
      const score =
        TRUE.taste * (taste ?? 0) + TRUE.sold * Math.log1p(sold) + TRUE.noise * noise + (kind === 'tea' ? TRUE.tea : 0);
      return { at: start + at, key: Math.log(1 - random.next()) / Math.exp(score) }; // Efraimidis and Spirakis
    });
    const count = 1 + random.below(most);
    for (const { at } of own.sort((left, right) => right.key - left.key).slice(0, count)) label[at] = 1;
    chosen.push(count);
    offsets.push(rows.length);
    if (group % 4 === 0) rows[start]!.taste = null;
  }
  return {
    kind: 'ranking',
    rows: toArrowStream(Frame.fromRows(FIELDS, rows) as unknown as Frame),
    inputs: FIELDS,
    offsets: Int32Array.from(offsets),
    label: Uint8Array.from(label),
    weight: new Float32Array(label.length).fill(1),
    chosen: Int32Array.from(chosen),
    isHeldOut: Uint8Array.from({ length: groups }, (_, group) => (group >= groups * 0.8 ? 1 : 0)),
  };
}

const taskOf = (data: RankingData, parameters: Partial<ResolvedRanker> = {}): TrainingTask => ({
  model: 'ranker',
  algorithm: 'logistic-ranker',
  inputs: FIELDS,
  outputs: ['score'],
  retrievalInputs: undefined,
  parameters: {
    features: FEATURES,
    loss: 'softmax',
    l2: 1e-4,
    iterations: 100,
    sampling: { negatives: 50, weighted: false, seed: 1 },
    ...parameters,
  },
  columns: undefined,
  cutoffs: [5],
  refit: true,
  data,
  live: undefined,
});

const load = ({ files }: TrainingResult): Promise<LoadedModel> =>
  logisticRankerAlgorithm.runtime.load({} as ModelManifest, files);

/** The same groups, none held out, with some of their negatives. */
function thinned(data: RankingData, sampling: NegativeSampling): RankingData {
  const offsets = [0];
  const kept: number[] = [];
  const weight: number[] = [];
  for (let group = 0; group + 1 < data.offsets.length; group += 1) {
    const start = data.offsets[group]!;
    const own = thinNegatives(data.label.subarray(start, data.offsets[group + 1]), String(group), sampling);
    kept.push(...Array.from(own.rows, (row) => start + row));
    weight.push(...own.weights);
    offsets.push(kept.length);
  }
  const [rows] = fromArrowStream(data.rows);
  return {
    ...data,
    rows: toArrowStream(rows!.take(Int32Array.from(kept))),
    offsets: Int32Array.from(offsets),
    label: Uint8Array.from(kept, (row) => data.label[row]!),
    weight: Float32Array.from(weight),
    isHeldOut: new Uint8Array(data.isHeldOut.length),
  };
}

/** How much the score changes with each feature, in the units of the data. */
async function slopesOf(result: TrainingResult): Promise<Record<string, number>> {
  const model = await load(result);
  const base = { taste: 0, sold: 0, noise: 0, kind: 'mug' };
  const rows = [
    base,
    { ...base, taste: 1 },
    { ...base, sold: Math.E - 1 },
    { ...base, noise: 1 },
    { ...base, kind: 'tea' },
  ];
  const { score } = await model.predict(Frame.fromRows(FIELDS, rows) as unknown as Frame);
  const [zero, taste, sold, noise, tea] = score!;
  return { taste: taste! - zero!, sold: sold! - zero!, noise: noise! - zero!, tea: tea! - zero! };
}

describe('logistic ranker', () => {
  it('finds the odds that the choices were drawn with', async () => {
    const slopes = await slopesOf(await runTask(taskOf(choices(1_500, 5, 1)), () => {}));
    expect(Math.abs(slopes.taste! - TRUE.taste)).toBeLessThan(0.25);
    expect(Math.abs(slopes.sold! - TRUE.sold)).toBeLessThan(0.15);
    expect(Math.abs(slopes.noise!)).toBeLessThan(0.1);
    expect(Math.abs(slopes.tea! - TRUE.tea)).toBeLessThan(0.25);
  });

  it.each(['softmax', 'pairwise', 'pointwise'] as const)('ranks the holdout well with the %s loss', async (loss) => {
    const { metrics } = await runTask(taskOf(choices(600, 6), { loss }), () => {});
    expect(metrics['ndcg@5']).toBeGreaterThan(0.62); // the true odds reach about 0.68, chance 0.12
    expect(metrics.auc).toBeGreaterThan(0.9);
    expect(metrics.logloss).toBeLessThan(Math.log(30) * 0.7);
    expect(metrics.judged).toBe(120);
  });

  it('gives log-odds with the pointwise loss', async () => {
    const data = choices(800, 7);
    const result = await runTask(taskOf(data, { loss: 'pointwise', l2: 0 }), () => {});
    const [rows] = fromArrowStream(data.rows);
    const { score } = await (await load(result)).predict(rows!);
    const mean = score!.reduce((sum, value) => sum + 1 / (1 + Math.exp(-value)), 0) / score!.length;
    expect(mean).toBeCloseTo(data.label.reduce((sum, value) => sum + value, 0) / data.label.length, 2);
  });

  it('finds the same odds with a few random negatives of each group', async () => {
    const thin = thinned(choices(1_500, 8, 1), { negatives: 6, weighted: false, seed: 3 });
    const slopes = await slopesOf(await runTask(taskOf(thin), () => {}));
    expect(Math.abs(slopes.taste! - TRUE.taste)).toBeLessThan(0.3);
    expect(Math.abs(slopes.tea! - TRUE.tea)).toBeLessThan(0.3);
  });

  it('gives the log-odds of all candidates when the negatives that were kept stand for all', async () => {
    const data = choices(1_500, 8);
    const share = data.label.reduce((sum, value) => sum + value, 0) / data.label.length;
    const [rows] = fromArrowStream(data.rows);
    const meanOf = async (weighted: boolean): Promise<number> => {
      const result = await runTask(
        taskOf(thinned(data, { negatives: 6, weighted, seed: 3 }), { loss: 'pointwise' }),
        () => {},
      );
      const { score } = await (await load(result)).predict(rows!);
      return score!.reduce((sum, value) => sum + 1 / (1 + Math.exp(-value)), 0) / score!.length;
    };
    expect(Math.abs((await meanOf(true)) - share)).toBeLessThan(0.01);
    expect(await meanOf(false)).toBeGreaterThan(share + 0.05);
  });

  it('reproduces its baseline after loading, nulls and unknown values among it', async () => {
    const result = await runTask(taskOf(choices(100, 9)), () => {});
    const [baseline] = fromArrowStream(result.files.get(BASELINE_FILE)!);
    const { score } = await (await load(result)).predict(baseline!);
    expect(score).toEqual((baseline!.column(baselineColumnOf('score')) as Column).values);
    expect(score!.every(Number.isFinite)).toBe(true);
    expect((baseline!.column('taste') as Column).nullCount).toBeGreaterThan(0);
  });

  it('says so when no candidate was ever chosen', async () => {
    const data = choices(20, 10);
    await expect(
      runTask(taskOf({ ...data, label: new Uint8Array(data.label.length) }), () => {}),
    ).rejects.toMatchObject({
      code: 'MILONGA_TRAINING_DATA_EMPTY',
    });
  });
});

describe('thinNegatives', () => {
  it('keeps all positives and some negatives, the same ones for a name and seed', () => {
    const label = Uint8Array.from({ length: 100 }, (_, row) => (row % 25 === 0 ? 1 : 0));
    const sampling = { negatives: 10, weighted: true, seed: 4 };
    const { rows, weights } = thinNegatives(label, 'invoice-1', sampling);
    expect(rows.length).toBe(14);
    expect([...rows].filter((row) => label[row] === 1)).toEqual([0, 25, 50, 75]);
    expect(new Set(rows).size).toBe(14);
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(100, 4);
    expect(thinNegatives(label, 'invoice-1', sampling).rows).toEqual(rows);
    expect(thinNegatives(label, 'invoice-2', sampling).rows).not.toEqual(rows);
    expect(thinNegatives(label, 'x', { ...sampling, negatives: 1_000 }).rows.length).toBe(100);
  });
});
