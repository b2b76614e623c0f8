import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { local } from '@milonga/adapters-local';
import {
  type AliasEntry,
  Clock,
  CurrentRecommender,
  days,
  defineRecommender,
  event,
  Frame,
  hours,
  Lake,
  Lease,
  Logger,
  lakeTableOf,
  ModelRegistry,
  type Recommender,
  type RunningRole,
  silentLogger,
  string,
  trainerOf,
} from '@milonga/core';
import { type App, createApp, defineAdapter, provide } from '@milonga/core/app';
import { type TestClock, testClock } from '@milonga/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { itemKnn } from '../item-knn/item-knn.ts';
import type { TrainableModel } from '../model/trainable-model.ts';
import type { TrainingOptions } from '../model/training-options.ts';
import { popularity } from '../popularity/popularity.ts';
import { trainRole } from './train-role.ts';

const START = Date.UTC(2025, 0, 1);
const purchase = event('purchase', { customerId: string(), stockCode: string() });
const interactions = { from: purchase, user: 'customerId', item: 'stockCode' } as const;
const every10: TrainingOptions = { every: days(10), holdout: days(2), minimumRows: 1 };

interface Stage {
  readonly app: App;
  readonly clock: TestClock;
  readonly recommender: Recommender;
  readonly registry: ModelRegistry;
  start(): Promise<RunningRole>;
}

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function stage(models: readonly TrainableModel[], eventsFrom: number | 'never' = START): Promise<Stage> {
  const dir = await mkdtemp(join(tmpdir(), 'milonga-trainer-'));
  const clock = testClock({ now: START });
  const recommender = defineRecommender({ name: 'shop', adapters: [], events: [purchase], models });
  const own = defineAdapter('test', [
    provide(Clock, { create: () => clock }),
    provide(Logger, { create: () => silentLogger }),
    provide(CurrentRecommender, { create: () => recommender }),
  ]);
  const app = createApp([local({ dir }), ...recommender.adapters, own]);
  const { lake, registry } = await app.resolve({ lake: Lake, registry: ModelRegistry });
  cleanups.push(async () => {
    await app.close();
    await rm(dir, { recursive: true });
  });
  if (eventsFrom !== 'never') await sell(lake, eventsFrom, 40);
  const start = async (): Promise<RunningRole> => {
    const ports = await app.ports(trainRole.needs(recommender));
    const running = await trainRole.start({
      recommender,
      ports,
      log: silentLogger,
      signal: new AbortController().signal,
    });
    cleanups.push(() => running.stop());
    return running;
  };
  return { app, clock, recommender, registry, start };
}

let offset = 0;
/** Two customers buy two things a day each. */
async function sell(lake: Lake, from: number, forDays: number): Promise<void> {
  const table = lakeTableOf(purchase);
  await lake.ensureTables([table]);
  const first = offset;
  const rows = Array.from({ length: forDays * 4 }, (_, at) => {
    const eventAt = from + Math.floor(at / 4) * days(1).ms;
    offset += 1;
    const stockCode = `item-${(at * 7) % 10}`;
    return {
      id: `p${offset}`,
      eventAt,
      ingestedAt: eventAt,
      partition: 0,
      offset: offset - 1,
      customerId: `c${at % 2}`,
      stockCode,
    };
  });
  await lake.append(table.name, Frame.fromRows(table.fields, rows as never), {
    ranges: [{ partition: 0, first, last: offset - 1 }],
  });
}

const dataEndsOf = async (registry: ModelRegistry, model: string): Promise<number[]> => {
  const ends: number[] = [];
  for (const version of await registry.versions(model))
    ends.push(((await registry.manifest(model, version))!.dataUntil - START) / days(1).ms);
  return ends;
};

describe('the role train', () => {
  it('trains when the clock says so, from the first event on, and settles when nothing is due', async () => {
    const { clock, registry, start } = await stage(
      [popularity('popular', { ...every10, interactions })],
      START + hours(6).ms,
    );
    const running = await start();
    await running.settle!();
    expect(await dataEndsOf(registry, 'popular')).toEqual([]);
    for (const day of [10, 10.25, 15, 20.25, 30.25]) {
      await clock.advanceTo(START + days(day).ms);
      await running.settle!();
    }
    expect(await dataEndsOf(registry, 'popular')).toEqual([10.25, 20.25, 30.25]);
    expect((await registry.alias('popular', 'candidate'))?.revision).toBe(3);
  });

  it('makes the latest of the runs that it missed, and none again after a restart', async () => {
    const { clock, registry, start } = await stage([popularity('popular', { ...every10, interactions })]);
    await clock.advanceTo(START + days(27).ms);
    const first = await start();
    await first.settle!();
    expect(await dataEndsOf(registry, 'popular')).toEqual([20]);
    await first.stop();
    const second = await start();
    await second.settle!();
    expect(await dataEndsOf(registry, 'popular')).toEqual([20]);
  });

  it('trains what another process was at, when that is over without a version', async () => {
    const { app, clock, registry, start } = await stage([popularity('popular', { ...every10, interactions })]);
    const { lease } = await app.resolve({ lease: Lease });
    const other = await lease.acquire('train/popular', { ttlMs: 60_000 });
    await clock.advanceTo(START + days(10).ms);
    const running = await start();
    const settled = running.settle!();
    expect(await Promise.race([settled, clock.sleep(200).then(() => 'at it')])).toBe('at it');
    expect(await dataEndsOf(registry, 'popular')).toEqual([]);
    await other!.release();
    await settled;
    expect(await dataEndsOf(registry, 'popular')).toEqual([10]);
  });

  it('waits for data to come, then for enough of them', async () => {
    const { app, clock, registry, start } = await stage([popularity('popular', { ...every10, interactions })], 'never');
    const running = await start();
    await clock.advanceTo(START + days(25).ms);
    await running.settle!();
    expect(await dataEndsOf(registry, 'popular')).toEqual([]);
    const { lake } = await app.resolve({ lake: Lake });
    await sell(lake, START + days(25).ms, 12);
    await clock.advanceTo(START + days(34).ms); // a look a day finds out when the data began
    await running.settle!();
    expect(await dataEndsOf(registry, 'popular')).toEqual([]);
    await clock.advanceTo(START + days(35).ms);
    await running.settle!();
    expect(await dataEndsOf(registry, 'popular')).toEqual([35]);
  });

  it('trains a model after those that it uses are live or refused', async () => {
    const bought = itemKnn('bought', { ...every10, interactions });
    const popular = popularity('popular', { ...every10, interactions, after: [bought] });
    const { clock, registry, start } = await stage([popular, bought]);
    const watching = new AbortController();
    let wasLive: AliasEntry | undefined;
    let popularAtLive: readonly string[] = ['not asked'];
    /** A predictor that takes its time. */
    const predictor = (async () => {
      for await (const { version } of registry.watch('bought', 'candidate', { signal: watching.signal })) {
        await new Promise((resolve) => setTimeout(resolve, 150));
        popularAtLive = await registry.versions('popular');
        wasLive = await registry.moveAlias({
          model: 'bought',
          alias: 'live',
          version,
          expectedRevision: 0,
          by: 'test',
          reason: '',
        });
      }
    })();
    const running = await start();
    await clock.advanceTo(START + days(10).ms);
    await running.settle!();
    watching.abort();
    await predictor;
    expect(wasLive?.version).toBe((await registry.versions('bought'))[0]);
    expect(popularAtLive).toEqual([]);
    expect(await dataEndsOf(registry, 'popular')).toEqual([10]);
  });

  it('goes on with the other models when one fails, and tries again later', async () => {
    let isBroken = true;
    const fragile = popularity('fragile', {
      ...every10,
      interactions: { ...interactions, where: () => (isBroken ? 'no_such_column = 1' : '1 = 1') },
    });
    const { clock, registry, start } = await stage([fragile, popularity('popular', { ...every10, interactions })]);
    const running = await start();
    await clock.advanceTo(START + days(10).ms);
    await running.settle!();
    expect(await dataEndsOf(registry, 'fragile')).toEqual([]);
    expect(await dataEndsOf(registry, 'popular')).toEqual([10]);
    isBroken = false;
    await running.settle!();
    expect(await dataEndsOf(registry, 'fragile')).toEqual([]); // not at once
    await clock.advanceTo(START + days(10).ms + hours(1).ms);
    await running.settle!();
    expect(await dataEndsOf(registry, 'fragile')).toEqual([10]);
  });

  it('trains on demand through the port of the model', async () => {
    const { app, clock } = await stage([popularity('popular', { ...every10, interactions })]);
    await clock.advanceTo(START + days(5).ms);
    const { trainer } = await app.resolve({ trainer: trainerOf('popular') });
    expect(await trainer.train({ reason: 'by hand' })).toMatchObject({
      outcome: 'candidate',
      dataUntil: START + days(5).ms,
    });
    await app.close();
    await expect(trainer.train({ reason: 'by hand' })).rejects.toMatchObject({ code: 'MILONGA_CLOSED' });
  });
});
