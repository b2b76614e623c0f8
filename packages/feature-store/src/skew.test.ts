import {
  days,
  encodeRow,
  entity,
  event,
  type FeatureRequest,
  float64,
  hours,
  int32,
  minutes,
  nullable,
  seconds,
  string,
} from '@milonga/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { approxDistinct } from './aggregates/approx-distinct.ts';
import { count } from './aggregates/count.ts';
import { decayedCount } from './aggregates/decayed-count.ts';
import { decayedSum } from './aggregates/decayed-sum.ts';
import { firstEventAt } from './aggregates/first-event-at.ts';
import { lastDistinct } from './aggregates/last-distinct.ts';
import { lastEventAt } from './aggregates/last-event-at.ts';
import { sum } from './aggregates/sum.ts';
import { type Embedded, embedded, runJourney } from './embedded.fixture.ts';
import { featureView } from './view/feature-view.ts';

const gift = event('gift', { userId: string(), streamerId: string(), coins: int32(), price: nullable(float64()) });
const streamer = entity('streamer', 'streamerId');
const pair = entity('pair', 'userId', 'streamerId');
const lateness = minutes(10);

const all = featureView('all', {
  entity: streamer,
  from: gift,
  by: 'streamerId',
  lateness,
  where: { field: 'coins', isNot: 13 },
  features: {
    count: count(),
    count1m: count().over(minutes(1)),
    count1h: count().over(hours(1)),
    sum: sum('coins'),
    price1h: sum('price').over(hours(1)),
    distinct: approxDistinct('userId'),
    distinct1h: approxDistinct('userId').over(hours(1)),
    last: lastDistinct('userId', 3),
    last1h: lastDistinct('userId', 3).over(hours(1), { hop: minutes(5) }),
    lastAt: lastEventAt(),
    lastAt1h: lastEventAt().over(hours(1)),
    firstAt: firstEventAt(),
    firstAt1h: firstEventAt().over(hours(1)),
    trend: decayedCount({ halfLife: minutes(30) }),
    spending: decayedSum('price', { halfLife: hours(2) }),
  },
});
const windowed = featureView('windowed', {
  entity: pair,
  from: gift,
  by: ['userId', 'streamerId'],
  lateness,
  features: {
    count1h: count().over(hours(1)),
    last1d: lastDistinct('userId', 2).over(days(1)),
    seenAt: lastEventAt().over(minutes(5)),
  },
});
const views = [all, windowed] as const;
const DECAYED = new Set(['trend', 'spending']);

const START = Date.UTC(2026, 0, 1);
const users = ['ann', 'bob', 'zoë', 'd/e'];
const streamers = ['s1', 's2', 's%2'];

const step = fc.record({
  advanceMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: hours(1.5).ms })),
  userId: fc.constantFrom(...users),
  streamerId: fc.constantFrom(...streamers),
  coins: fc.integer({ min: 0, max: 20 }),
  price: fc.option(fc.double({ min: -100, max: 1_000, noNaN: true })),
  delayMs: fc.oneof(fc.constant(0), fc.constant(0), fc.integer({ min: 0, max: minutes(11).ms })),
  /** Hands the event in again, past the collector. */
  isRepeated: fc.boolean(),
  isCheck: fc.integer({ min: 0, max: 7 }).map((value) => value === 0),
  isRestart: fc.integer({ min: 0, max: 19 }).map((value) => value === 0),
});

/** Reads both, at some moments at once, and holds them against each other. */
async function compare(world: Embedded, moments: readonly number[]): Promise<void> {
  const ones = [...streamers, 'nobody'];
  const pairs = users.flatMap((user) => streamers.map((one) => [user, one] as const));
  const requests: readonly FeatureRequest[] = [
    { views: [all], keys: [ones] },
    { views: [windowed], keys: [pairs.map(([user]) => user), pairs.map(([, one]) => one)] },
  ];
  const both = requests.flatMap((request) =>
    moments.map(async (at) => {
      const [[online], [history]] = await Promise.all([
        world.features.read(request, { at }),
        world.history.read(request, { at }),
      ]);
      return { at, online: online!, history: history! };
    }),
  );
  for (const { at, online, history } of await Promise.all(both)) {
    expect([...history.found], `found at ${at}`).toEqual([...online.found]);
    expect([...history.newestAt], `newestAt at ${at}`).toEqual([...online.newestAt]);
    for (const name of online.frame.layout.names) {
      const [left, right] = [online.frame.column(name).toArray(), history.frame.column(name).toArray()];
      if (!DECAYED.has(name)) expect(right, `${name} at ${at}`).toEqual(left);
      else
        for (const [row, value] of left.entries())
          expect(close(value as number, right[row] as number), `${name}: ${value}, ${right[row]}`).toBe(true);
    }
  }
}

/** From now on, without another event: across the ends of tiles and windows. */
const LATER = [0, 1, seconds(61).ms, minutes(5).ms + 1, hours(1).ms, hours(1).ms + 60_000, days(1).ms, days(2).ms];

const close = (left: number, right: number): boolean =>
  Math.abs(left - right) <= 1e-9 * Math.max(1, Math.abs(left), Math.abs(right));

describe('features online and from history', () => {
  it('are the same at every moment, whatever comes late, twice, or after a restart', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 50 }), async (steps) => {
        await using world = await embedded([gift], views, { now: START });
        let journey = await runJourney(world, [gift], views);
        for (const [at, one] of steps.entries()) {
          await world.clock.advanceBy(one.advanceMs);
          const { userId, streamerId, coins, price } = one;
          const now = world.clock.now();
          const payload = { userId, streamerId, coins, price };
          await world.collector.collect([{ type: 'gift', id: `e${at}`, eventAt: now - one.delayMs, payload }]);
          if (one.isRepeated) {
            const value = encodeRow(gift.fields, payload);
            await world.sink.publish('gift', [
              { id: `e${at}`, key: userId, eventAt: now - one.delayMs, ingestedAt: now, value },
            ]);
          }
          if (one.isRestart) {
            await journey.stop();
            journey = await runJourney(world, [gift], views);
          }
          if (!one.isCheck && at < steps.length - 1) continue;
          await journey.settle();
          await compare(
            world,
            LATER.map((later) => now + later),
          );
        }
        await journey.stop();
      }),
      { numRuns: 10, endOnFailure: true },
    );
  }, 120_000);

  it('are within the stated error where a sketch estimates', async () => {
    await using world = await embedded([gift], [all], { now: START });
    const journey = await runJourney(world, [gift], [all]);
    for (let from = 0; from < 3_000; from += 1_000) {
      await world.clock.advanceBy(minutes(1).ms);
      const events = Array.from({ length: 1_000 }, (_, at) => ({
        type: 'gift',
        payload: { userId: `user-${from + at}`, streamerId: 's1', coins: 1 },
      }));
      await world.collector.collect(events);
    }
    await journey.settle();
    const at = world.clock.now() + 1;
    const [[online], [history]] = await Promise.all([
      world.features.read({ views: [all], keys: [['s1']] }, { at }),
      world.history.read({ views: [all], keys: [['s1']] }, { at }),
    ]);
    expect(history.frame.column('distinct').at(0)).toBe(3_000);
    expect(Math.abs(online.frame.column('distinct').at(0) - 3_000) / 3_000).toBeLessThan((3 * 1.04) / Math.sqrt(4_096));
    await journey.stop();
  });
});
