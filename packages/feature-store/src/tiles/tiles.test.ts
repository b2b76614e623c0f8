import {
  type EventSink,
  encodeRow,
  entity,
  event,
  hours,
  int32,
  minutes,
  type OfflineStore,
  type RowMutation,
  silentLogger,
  string,
} from '@milonga/core';
import { describe, expect, it } from 'vitest';
import { count } from '../aggregates/count.ts';
import { lastDistinct } from '../aggregates/last-distinct.ts';
import { sum } from '../aggregates/sum.ts';
import { type Embedded, embedded, runJourney } from '../embedded.fixture.ts';
import { entityKey } from '../keys/entity-key.ts';
import { runMaterialiser } from '../materialise/run-materialiser.ts';
import { compiledView } from '../view/compiled-view.ts';
import { featureView } from '../view/feature-view.ts';
import { generationOf } from '../view/generation.ts';
import { runTiles } from './run-tiles.ts';
import { TileWorker } from './tile-worker.ts';

const gift = event('gift', { userId: string(), streamerId: string(), coins: int32() });
const view = featureView('activity', {
  entity: entity('streamer', 'streamerId'),
  from: gift,
  by: 'streamerId',
  lateness: minutes(10),
  features: {
    gifts: count(),
    gifts1h: count().over(hours(1)),
    coins: sum('coins'),
    users: lastDistinct('userId', 100),
  },
});
const START = Date.UTC(2026, 0, 1);
const { table } = generationOf(compiledView(view));

const give = (world: Embedded, ids: readonly string[]) =>
  world.collector.collect(
    ids.map((id, at) => ({ type: 'gift', id, payload: { userId: `u${at % 7}`, streamerId: `s${at % 3}`, coins: 1 } })),
  );
const ids = (from: number, until: number): string[] => Array.from({ length: until - from }, (_, at) => `g${from + at}`);

async function total(world: Embedded): Promise<number> {
  const [batch] = await world.features.read(
    { views: [view], keys: [['s0', 's1', 's2']] },
    { at: world.clock.now() + 1 },
  );
  return [...batch!.frame.column('coins').values].reduce((all, one) => all + one, 0);
}

/** Fails every so many calls, before or after the call took effect: what a crash at that moment leaves behind. */
function failing<T extends object>(target: T, method: keyof T, shouldFail: () => 'before' | 'after' | undefined): T {
  return new Proxy(target, {
    get: (object, name) => {
      const value = Reflect.get(object, name, object) as unknown;
      if (typeof value !== 'function') return value;
      if (name !== method) return value.bind(object) as unknown;
      return async (...parameters: unknown[]): Promise<unknown> => {
        const when = shouldFail();
        if (when === 'before') throw new Error(`${String(name)} was cut off before it did anything`);
        const result: unknown = await (value as (...all: unknown[]) => Promise<unknown>).apply(object, parameters);
        if (when === 'after') throw new Error(`${String(name)} was cut off after it was done`);
        return result;
      };
    },
  });
}

describe('tiles', () => {
  it('count every event once, whatever fails between reading, writing, publishing and committing', async () => {
    await using world = await embedded([gift], [view], { now: START, partitions: 3 });
    let calls = 0;
    let failures = 0;
    // Seldom enough that no batch fails five times, which would send it to the dead letters.
    const sometimes = (): 'before' | 'after' | undefined => {
      calls += 1;
      if (calls % 7 !== 0) return undefined;
      failures += 1;
      return failures % 2 === 0 ? 'before' : 'after';
    };
    const store: OfflineStore = failing(world.store, 'mutateRows', sometimes);
    const sink: EventSink = failing(world.sink, 'publish', sometimes);
    const tiles = await runTiles(view, { source: world.source, sink, store, log: silentLogger });
    const materialiser = await runMaterialiser(view, [view], { ...world, log: silentLogger });
    for (let from = 0; from < 400; from += 20) {
      await world.clock.advanceBy(60_000);
      await give(world, ids(from, from + 20));
      await tiles.settle();
    }
    await materialiser.settle();
    expect(failures).toBeGreaterThan(10);
    expect(await total(world)).toBe(400);
    expect(await world.source.positions('gift.dead-letter', 'none')).toSatisfy(
      (all: readonly { endOffset: number }[]) => all.every(({ endOffset }) => endOffset === 0),
    );
    await Promise.all([tiles.stop(), materialiser.stop()]);
  });

  it('change nothing when the whole log is absorbed again', async () => {
    await using world = await embedded([gift], [view], { now: START });
    const journey = await runJourney(world, [gift], [view]);
    for (let round = 0; round < 5; round += 1) {
      await world.clock.advanceBy(600_000);
      await give(world, ids(round * 50, round * 50 + 50));
    }
    await journey.settle();
    const rows = () =>
      world.store.readRows(
        table,
        ['s0', 's1', 's2'].map((one) => entityKey([one])),
      );
    const before = await rows();
    const again = new TileWorker(compiledView(view), { store: world.store, sink: world.sink, log: silentLogger });
    let events = 0;
    const subscription = await world.source.subscribe('gift', { group: 'again' }, async (batch) => {
      await again.absorb(batch);
      events += batch.events.length;
    });
    await expect.poll(() => events).toBe(250);
    await subscription.close();
    expect(await rows()).toEqual(before);
    expect(await total(world)).toBe(250);
    await journey.stop();
  });

  it('let one of two workers win where both hold a partition', async () => {
    await using world = await embedded([gift], [view], { now: START, partitions: 1 });
    const journey = await runJourney(world, [gift], [view]);
    await give(world, ['a', 'b', 'c']);
    await journey.settle();
    // A zombie has read the row; its successor absorbs more; then the zombie writes what it made of the old row.
    let hasSlept = false;
    const zombieStore: OfflineStore = {
      ensureTables: (tables) => world.store.ensureTables(tables),
      scanRows: (...all) => world.store.scanRows(...all),
      readRows: (...all) => world.store.readRows(...all),
      mutateRows: async (name: string, mutations: readonly RowMutation[], options) => {
        if (!hasSlept) {
          hasSlept = true;
          await new TileWorker(compiledView(view), { store: world.store, sink: world.sink, log: silentLogger }).absorb(
            batch,
          );
        }
        return world.store.mutateRows(name, mutations, options);
      },
    };
    const value = encodeRow(gift.fields, { userId: 'u', streamerId: 's0', coins: 10 });
    const batch = {
      topic: 'gift',
      partition: 0,
      attempt: 1,
      events: [{ id: 'd', key: 'u', eventAt: START, ingestedAt: START + 1, value, offset: 3 }],
    };
    await new TileWorker(compiledView(view), { store: zombieStore, sink: world.sink, log: silentLogger }).absorb(batch);
    await journey.settle();
    expect(await total(world)).toBe(13);
    await journey.stop();
  });

  it('leave out what is late, damaged, or of no entity, and go on', async () => {
    await using world = await embedded([gift], [view], { now: START, partitions: 1 });
    const journey = await runJourney(world, [gift], [view]);
    const row = (streamerId: string): Uint8Array => encodeRow(gift.fields, { userId: 'u', streamerId, coins: 1 });
    const message = (id: string, value: Uint8Array, delayMs: number = 0) => ({
      id,
      key: 'u',
      eventAt: START - delayMs,
      ingestedAt: START,
      value,
    });
    await world.sink.publish('gift', [
      message('fine', row('s0')),
      message('just in time', row('s0'), minutes(10).ms),
      message('too late', row('s0'), minutes(10).ms + 1),
      message('damaged', Uint8Array.of(1, 2, 3)),
      message('endless', row('x'.repeat(300))),
      message('fine too', row('s1')),
    ]);
    await journey.settle();
    expect(await total(world)).toBe(3);
    const quarantine: unknown[] = [];
    await journey.stop();
    const subscription = await world.source.subscribe(
      'quarantined',
      { group: 'look' },
      async (batch) => void quarantine.push(...batch.events.map(({ id }) => id)),
    );
    await expect.poll(() => quarantine).toEqual(['gift/0/3']);
    await subscription.close();
  });

  it('take a repeated id for the same event, as long as the entity remembers it', async () => {
    await using world = await embedded([gift], [view], { now: START, partitions: 1 });
    const journey = await runJourney(world, [gift], [view]);
    const publish = (all: readonly string[]) =>
      world.sink.publish(
        'gift',
        all.map((id) => ({
          id,
          key: 'u',
          eventAt: START,
          ingestedAt: START,
          value: encodeRow(gift.fields, { userId: 'u', streamerId: 's0', coins: 1 }),
        })),
      );
    await publish(ids(0, 64));
    await publish(ids(0, 64));
    await journey.settle();
    expect(await total(world)).toBe(64);
    await publish(ids(64, 128)); // now the first 64 are forgotten: the stated limit
    await publish(ids(0, 1));
    await journey.settle();
    expect(await total(world)).toBe(129);
    await journey.stop();
  });
});
