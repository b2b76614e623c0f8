import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { local } from '@milonga/adapters-local';
import {
  ArtifactStore,
  artifactNames,
  type CandidatesAtOptions,
  days,
  event,
  type FeatureReader,
  Frame,
  float64,
  fromArrowStream,
  HistoricalFeatureReader,
  hours,
  int32,
  Lake,
  Logger,
  lakeTableOf,
  ModelRegistry,
  type PipelineShape,
  type Ports,
  silentLogger,
  string,
  trainerOf,
} from '@milonga/core';
import { type App, createApp, defineAdapter, provide } from '@milonga/core/app';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { floor } from '../gate/built-in-gates.ts';
import { trainerAdapter } from '../job/trainer-adapter.ts';
import { identity, log1p } from '../logistic-ranker/feature.ts';
import { logisticRanker } from '../logistic-ranker/logistic-ranker.ts';
import type { LogisticRankerOptions } from '../logistic-ranker/logistic-ranker-options.ts';
import type { PrepareContext } from '../model/trainable-model.ts';
import type { RankingData } from '../worker/training-data.ts';

const START = Date.UTC(2025, 0, 1);
const UNTIL = START + days(60).ms;
const ITEMS = Array.from({ length: 25 }, (_, item) => `item-${String(item).padStart(2, '0')}`);
const purchase = event('purchase', { customerId: string(), stockCode: string(), invoice: string(), quantity: int32() });
type PurchaseFields = typeof purchase.fields;

interface Row {
  readonly eventAt: number;
  readonly customerId: string;
  readonly stockCode: string;
  readonly invoice: string;
  readonly quantity: number;
}

/** 20 customers who come every three days and buy one old favourite, one more item, and something that no pipeline proposes. */
const ROWS: readonly Row[] = Array.from({ length: 400 }, (_, visit) => {
  const customer = visit % 20;
  const eventAt = START + Math.floor(visit / 20) * days(3).ms + customer * hours(1).ms;
  const base = { eventAt, customerId: `c${customer}`, invoice: `i${visit}`, quantity: 1 };
  return [
    { ...base, stockCode: ITEMS[customer]! },
    { ...base, eventAt: eventAt + 60_000, stockCode: ITEMS[(visit * 11) % 25]! },
    { ...base, stockCode: 'never proposed' },
    { ...base, stockCode: ITEMS[(visit * 3) % 25]!, quantity: -1 },
  ];
}).flat();

let app: App;
let dir: string;
let ports: Ports;
const asked: { readonly input: object; readonly at: number; readonly features: FeatureReader }[] = [];
const reader: FeatureReader = { read: () => Promise.reject(new Error('nobody reads features here')) };

/** All items, with how often each customer and everybody bought them before: from the rows, strictly before `at`. */
const shopPipeline = (rows: readonly Row[], failFor: ReadonlySet<string> = new Set()): PipelineShape => ({
  kind: 'pipeline',
  name: 'for-you',
  roles: [],
  adapters: [],
  needs: [Lake],
  candidatesAt: async (input: object, options: CandidatesAtOptions) => {
    const { customerId } = input as { readonly customerId: string };
    asked.push({ input, at: options.at, features: options.features });
    if (failFor.has(customerId)) throw new Error('the shop is closed');
    const before = rows.filter(({ eventAt, quantity }) => eventAt < options.at && quantity > 0);
    const own = before.filter((row) => row.customerId === customerId);
    const count = (list: readonly Row[], item: string): number =>
      list.filter(({ stockCode }) => stockCode === item).length;
    const fields = { id: string(), own: float64(), all: int32(), unused: float64() };
    return Frame.fromRows(
      fields,
      ITEMS.map((id) => ({ id, own: count(own, id), all: count(before, id), unused: 1 })),
    ) as unknown as Frame;
  },
});

const definitionOf = (options: Partial<LogisticRankerOptions<PurchaseFields>> = {}) =>
  logisticRanker('ranker', {
    pipeline: () => shopPipeline(ROWS),
    labels: {
      from: purchase,
      group: 'invoice',
      user: 'customerId',
      item: 'stockCode',
      where: ({ quantity }) => `${quantity} > 0`,
      input: ({ user }) => ({ customerId: user, limit: 20 }),
    },
    window: days(30),
    every: days(30),
    sample: { groups: 50, holdoutGroups: 15, negatives: 10, concurrency: 8 },
    features: [log1p('own'), log1p('all', { type: int32() })],
    minimumRows: 20,
    ...options,
  });

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'milonga-trainer-'));
  const history = defineAdapter('history', [provide(HistoricalFeatureReader, { create: () => reader })]);
  app = createApp([local({ dir }), history]);
  ports = await app.ports([Lake, HistoricalFeatureReader]);
  await store(ROWS, 0);
});
afterAll(async () => {
  await app.close();
  await rm(dir, { recursive: true });
});

async function store(rows: readonly Row[], first: number): Promise<void> {
  const table = lakeTableOf(purchase);
  await ports.get(Lake).ensureTables([table]);
  const numbered = rows.map((row, at) => ({
    id: `p${first + at}`,
    ingestedAt: row.eventAt,
    partition: 0,
    offset: first + at,
    ...row,
  }));
  await ports.get(Lake).append(table.name, Frame.fromRows(table.fields, numbered as never), {
    ranges: [{ partition: 0, first, last: first + rows.length - 1 }],
  });
}

const contextOf = (until = UNTIL): PrepareContext => ({
  ports,
  until,
  holdoutFrom: until - days(7).ms,
  signal: new AbortController().signal,
  log: silentLogger,
  onProgress: () => {},
});
async function prepare(
  options: Partial<LogisticRankerOptions<PurchaseFields>> = {},
  until = UNTIL,
): Promise<RankingData> {
  asked.length = 0;
  return (await definitionOf(options).training.prepare(contextOf(until))).data as RankingData;
}
const groupsOf = (data: RankingData): number => data.offsets.length - 1;

describe('the training set of a ranker', () => {
  it('asks the pipeline as of the first event of each sampled group of the window', async () => {
    const data = await prepare();
    expect(groupsOf(data)).toBe(65);
    expect([...data.isHeldOut].filter((held) => held === 1).length).toBe(15);
    expect(asked.every(({ at }) => at >= UNTIL - days(30).ms && at < UNTIL)).toBe(true);
    expect(asked.map(({ at }) => at)).toEqual(asked.map(({ at }) => at).sort((left, right) => left - right));
    expect(asked.every(({ features }) => features === reader)).toBe(true);
    const firsts = new Set(
      ROWS.filter(({ stockCode }) => stockCode === 'never proposed').map(
        ({ eventAt, customerId }) => `${eventAt} ${customerId}`,
      ),
    );
    for (const { at, input } of asked) {
      expect(firsts.has(`${at} ${(input as { customerId: string }).customerId}`)).toBe(true);
      expect(input).toMatchObject({ limit: 20 });
    }
  });

  it('labels what was bought, keeps all positives and some negatives, and counts what was no candidate', async () => {
    const data = await prepare();
    const [rows] = fromArrowStream(data.rows);
    expect(rows!.layout.names).toEqual(['own', 'all']);
    for (let group = 0; group < groupsOf(data); group += 1) {
      const label = data.label.subarray(data.offsets[group]!, data.offsets[group + 1]!);
      const positives = label.reduce((sum, value) => sum + value, 0);
      expect(positives).toBeGreaterThanOrEqual(1);
      expect(data.chosen[group]).toBe(positives + 1);
      expect(label.length).toBe(data.isHeldOut[group] === 1 ? 25 : positives + 10);
    }
  });

  it('is the same for the same data, and another for another seed', async () => {
    const first = await prepare();
    expect(await prepare()).toEqual(first);
    const sample = { groups: 50, holdoutGroups: 15, negatives: 10, seed: 2 };
    expect((await prepare({ sample })).rows).not.toEqual(first.rows);
  });

  it('can leave out the first visits of users', async () => {
    const labels = definitionLabels();
    const until = START + days(4).ms;
    const options = { window: days(5), holdout: days(1), sample: { groups: 1_000, holdoutGroups: 1_000 } };
    expect(groupsOf(await prepare({ ...options, labels }, until))).toBe(40);
    expect(groupsOf(await prepare({ ...options, labels: { ...labels, onlyReturning: true } }, until))).toBe(20);
  });

  it('goes on without a few groups that fail, and gives up when many do', async () => {
    const failing = (names: readonly string[]) => ({ pipeline: () => shopPipeline(ROWS, new Set(names)) });
    const all = { sample: { groups: 1_000, holdoutGroups: 1_000 } };
    expect(groupsOf(await prepare({ ...all, ...failing(['c3']) }))).toBe(190);
    await expect(prepare({ ...all, ...failing(['c3', 'c4']) })).rejects.toMatchObject({
      code: 'MILONGA_TRAINING_FAILED',
      message: expect.stringMatching(
        /pipeline "for-you" failed for \d+ of \d+ label groups, first with: the shop is closed/,
      ),
    });
  });

  it('says which column is missing or of another type', async () => {
    await expect(prepare({ features: [identity('price')] })).rejects.toThrow(
      'reads column "price", which its pipeline\'s candidates do not have; they have id, own, all, unused',
    );
    await expect(prepare({ features: [identity('all')] })).rejects.toThrow('{ type: int32() }');
  });

  it('does not change by anything that happens later', async () => {
    const until = START + days(45).ms;
    const before = await prepare({}, until);
    const later = ROWS.slice(0, 40).map((row) => ({ ...row, eventAt: until + days(1).ms }));
    const sameMoment = ROWS.slice(40, 44).map((row) => ({ ...row, eventAt: until, invoice: 'at the end itself' }));
    await store([...later, ...sameMoment], 1_600);
    expect(await prepare({ pipeline: () => shopPipeline([...ROWS, ...later, ...sameMoment]) }, until)).toEqual(before);
  });
});

describe('logisticRanker', () => {
  it('learns from the lake to candidate through its trainer, and finds what repeats', async () => {
    const definition = definitionOf({ gates: [floor({ metric: 'ndcg@20', atLeast: 0.3 })] });
    const lake = ports.get(Lake);
    const shared = defineAdapter('shared', [
      provide(Lake, { create: () => lake }),
      provide(Logger, { create: () => silentLogger }),
    ]);
    const joined = createApp([local({ dir: `${dir}/other` }), trainerAdapter(definition), shared]);
    try {
      const { trainer, registry, artifacts } = await joined.resolve({
        trainer: trainerOf('ranker'),
        registry: ModelRegistry,
        artifacts: ArtifactStore,
      });
      const outcome = await trainer.train({ reason: 'test', until: UNTIL });
      expect(outcome).toMatchObject({ outcome: 'candidate', rows: 65 });
      expect(outcome.metrics.judged).toBe(15);
      const bytes = await artifacts.get(artifactNames.file('ranker', outcome.version!, 'weights.json'));
      const { features } = JSON.parse(new TextDecoder().decode(bytes)) as {
        features: { feature: { column: string }; weight: number }[];
      };
      const weightOf = (column: string): number => features.find(({ feature }) => feature.column === column)!.weight;
      expect(weightOf('own')).toBeGreaterThan(0.5);
      expect(weightOf('own')).toBeGreaterThan(weightOf('all'));
      expect((await registry.alias('ranker', 'candidate'))?.version).toBe(outcome.version);
    } finally {
      await joined.close();
    }
  });

  it('is refused in words when it makes no sense', () => {
    expect(() => definitionOf({ features: [] })).toThrow('Model "ranker" has no features');
    expect(() => definitionOf({ window: days(7), holdout: days(7) })).toThrow('leaves nothing of its window');
    expect(() => definitionOf({ features: [identity('all'), log1p('all', { type: int32() })] })).toThrow(
      'as float64 and as int32',
    );
    expect(() => definitionOf({ sample: { negatives: 0 } })).toThrow('sample.negatives must be an integer from 1');
  });
});

const definitionLabels = (): LogisticRankerOptions<PurchaseFields>['labels'] => ({
  from: purchase,
  group: 'invoice',
  user: 'customerId',
  item: 'stockCode',
  where: ({ quantity }) => `${quantity} > 0`,
  input: ({ user }) => ({ customerId: user, limit: 20 }),
});
