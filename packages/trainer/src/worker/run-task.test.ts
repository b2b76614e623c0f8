import {
  baselineColumnOf,
  type Column,
  days,
  event,
  Frame,
  float64,
  fromArrowStream,
  type LoadedModel,
  list,
  type ModelManifest,
  string,
} from '@milonga/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { SimulatedShop } from '../../../testing/src/simulation/simulated-shop.ts';
import { als } from '../als/als.ts';
import { BASELINE_FILE } from '../artifact/model-files.ts';
import { itemKnn } from '../item-knn/item-knn.ts';
import type { TrainableModel } from '../model/trainable-model.ts';
import { popularity } from '../popularity/popularity.ts';
import { runTask } from './run-task.ts';
import type { InteractionData } from './training-data.ts';
import type { TrainingResult, TrainingTask } from './training-task.ts';

const DAY = 86_400_000;
const purchase = event('purchase', { customerId: string(), stockCode: string(), invoice: string() });
const common = { every: days(30), interactions: { from: purchase, user: 'customerId', item: 'stockCode' } } as const;

/** A small shop's purchases as a training set whose last 30 days are held out. */
function shopData(): InteractionData {
  const visits = [...new SimulatedShop({ seed: 4, customers: 150, items: 200, days: 200 }).visits()];
  const end = visits.at(-1)!.at;
  const rows = visits.flatMap(({ at, customer, items }) => items.map((item) => ({ at, customer, item })));
  const ids = [...new Set(rows.map(({ item }) => item))].sort();
  const users = [...new Set(rows.map(({ customer }) => customer))].sort();
  const numberOf = new Map(
    [...ids, ...users].map((id) => [id, ids.includes(id) ? ids.indexOf(id) : users.indexOf(id)]),
  );
  const user = Int32Array.from(rows, ({ customer }) => numberOf.get(customer)!);
  const isHeldOut = Uint8Array.from(rows, ({ at }) => (at >= end - 30 * DAY ? 1 : 0));
  return {
    kind: 'interactions',
    items: ids,
    users: users.length,
    groups: users.length,
    user,
    group: user,
    item: Int32Array.from(rows, ({ item }) => numberOf.get(item)!),
    weight: new Float32Array(rows.length).fill(1),
    merge: 'max',
    latestAt: Float64Array.from(rows, ({ at }) => at),
    isHeldOut,
    earlierScale: 1,
    judges: Int32Array.from(users.keys()).filter((number) => {
      const parts = new Set(rows.flatMap((_, at) => (user[at] === number ? [isHeldOut[at]] : [])));
      return parts.size === 2;
    }),
    hasBaskets: false,
  };
}

const taskOf = (model: TrainableModel, data: InteractionData, live?: TrainingTask['live']): TrainingTask => ({
  model: model.name,
  algorithm: model.algorithm,
  inputs: model.inputs,
  outputs: model.outputs,
  retrievalInputs: model.retrievalInputs,
  parameters: model.training.parameters,
  columns: model.training.columns,
  cutoffs: [20],
  refit: true,
  data,
  live,
});

const MODELS: readonly TrainableModel[] = [
  popularity('popular', common),
  itemKnn('bought', { ...common, parameters: { neighbours: 30, shrinkage: 0.5 } }),
  als('taste', { ...common, parameters: { factors: 16, iterations: 8, regularisation: 1, alpha: 4 } }),
];
/** Recall@20, a little below what they reach. 20 items of 200 at random reach 0.1; the last two are judged on new items alone. */
const FLOORS: Readonly<Record<string, number>> = { popular: 0.28, bought: 0.27, taste: 0.33 };

describe.each(MODELS.map((model) => [model.algorithm, model] as const))('%s', (_, model) => {
  const data = shopData();
  let result: TrainingResult;
  let loaded: LoadedModel;

  const load = (files: ReadonlyMap<string, Uint8Array>): Promise<LoadedModel> =>
    model.runtime.load({} as ModelManifest, files);
  const rowsOf = (ids: readonly string[], histories: readonly (readonly string[])[]): Frame =>
    Frame.fromColumns({ id: string(), history: list(string()) }, { id: ids, history: histories }) as unknown as Frame;

  beforeAll(async () => {
    result = await runTask(taskOf(model, data), () => {});
    loaded = await load(result.files);
  });

  it('foresees the holdout well enough', () => {
    expect(result.metrics['recall@20']).toBeGreaterThan(FLOORS[model.name]!);
    expect(result.metrics.judged).toBeGreaterThan(50);
  });

  it('gives the same files for the same data and seed, whatever the order of the rows', async () => {
    const order = Array.from(data.user.keys()).sort(
      (left, right) => ((left * 7_919) % 1_009) - ((right * 7_919) % 1_009) || left - right,
    );
    const shuffled: InteractionData = {
      ...data,
      user: Int32Array.from(order, (at) => data.user[at]!),
      group: Int32Array.from(order, (at) => data.user[at]!),
      item: Int32Array.from(order, (at) => data.item[at]!),
      latestAt: Float64Array.from(order, (at) => data.latestAt[at]!),
      isHeldOut: Uint8Array.from(order, (at) => data.isHeldOut[at]!),
    };
    const again = await runTask(taskOf(model, shuffled), () => {});
    for (const [name, bytes] of result.files) if (name !== BASELINE_FILE) expect(again.files.get(name)).toEqual(bytes);
    expect(again.metrics).toEqual(result.metrics);
  });

  it('reproduces its baseline after loading, unknown items and users among it', async () => {
    const [baseline] = fromArrowStream(result.files.get(BASELINE_FILE)!);
    expect(baseline!.length).toBeGreaterThan(90);
    const { score } = await loaded.predict(baseline!);
    const expected = (baseline!.column(baselineColumnOf('score')) as Column).values;
    expect(score).toEqual(expected);
    expect(new Set(score).size).toBeGreaterThan(20);
    expect(score!.every(Number.isFinite)).toBe(true);
  });

  it('scores what it does not know 0', async () => {
    const known = data.items[3]!;
    const { score } = await loaded.predict(rowsOf(['nobody sells this', known], [[known], ['nobody sells that']]));
    expect(score![0]).toBe(0);
    if (model.name !== 'popular') expect(score![1]).toBe(0);
  });

  it('scores what it retrieves as it scores by itself, best first, none twice', async () => {
    const history = [data.items[3]!, data.items[7]!, data.items[50]!];
    const { offsets, ids, scores } = loaded.retrieve!(rowsOf(['', ''], [history, []]), 12);
    const own = ids.slice(0, offsets[1]);
    expect(own.length).toBe(12);
    expect(new Set(own).size).toBe(12);
    expect([...scores.subarray(0, 12)]).toEqual([...scores.subarray(0, 12)].sort((left, right) => right - left));
    const { score } = await loaded.predict(
      rowsOf(
        own,
        own.map(() => history),
      ),
    );
    expect([...score!]).toEqual([...scores.subarray(0, 12)]);
    if (model.name !== 'popular') {
      expect(offsets[2]! - offsets[1]!).toBe(0); // of a user nobody knows, only popularity has something to say
      expect(own.some((id) => history.includes(id))).toBe(false);
    }
  });

  it('judges a live version on the same holdout, and passes over one that cannot be loaded', async () => {
    const live = { manifest: { runtime: model.runtime.name } as ModelManifest, files: result.files };
    const again = await runTask(taskOf(model, data, live), () => {});
    expect(again.liveMetrics!['recall@20']).toBeGreaterThanOrEqual(again.metrics['recall@20']! - 0.2);
    const broken = {
      ...live,
      files: new Map([...result.files.keys()].map((name) => [name, new Uint8Array([1, 2, 3])])),
    };
    expect((await runTask(taskOf(model, data, broken), () => {})).liveMetrics).toBeUndefined();
  });

  it('refuses files that are cut off', async () => {
    for (const name of result.files.keys()) {
      if (name === BASELINE_FILE) continue;
      const cut = new Map(result.files).set(
        name,
        result.files.get(name)!.slice(0, result.files.get(name)!.length >> 1),
      );
      await expect(load(cut)).rejects.toMatchObject({ code: 'MILONGA_ARTIFACT_CORRUPT' });
    }
  });
});

it('weights of a history count, and those that are no numbers do not', async () => {
  const model = itemKnn('bought', { ...common, columns: { weights: 'weights' }, parameters: { neighbours: 30 } });
  const data = shopData();
  const { files } = await runTask(taskOf(model, data), () => {});
  const loaded = await model.runtime.load({} as ModelManifest, files);
  const [first, second] = [data.items[3]!, data.items[7]!];
  const scoresOf = async (weights: readonly number[]): Promise<number> => {
    const fields = { id: string(), history: list(string()), weights: list(float64()) };
    const rows = data.items.map((id) => ({ id, history: [first, second], weights }));
    const { score } = await loaded.predict(Frame.fromRows(fields, rows) as unknown as Frame);
    return score!.reduce((sum, value) => sum + value, 0);
  };
  const [both, onlyFirst, onlySecond] = [await scoresOf([1, 1]), await scoresOf([1, 0]), await scoresOf([0, 1])];
  expect(both).toBeCloseTo(onlyFirst + onlySecond, 9);
  expect(await scoresOf([2, 0])).toBeCloseTo(2 * onlyFirst, 9);
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, -3])
    expect(await scoresOf([1, bad])).toBeCloseTo(onlyFirst, 9);
});
