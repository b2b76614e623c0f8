import { days, entity, event, hours, type IncomingEvent, int32, string } from '@milonga/core';
import { approxDistinct, count, decayedCount, featureView, lastDistinct, sum } from '@milonga/feature-store';
import { randomBy } from './random.ts';

/** What the benchmarks of events are about: viewers give coins to streamers. */
export const gift = event('gift', { streamerId: string(), userId: string(), coins: int32() });

const streamer = entity('streamer', 'streamerId');

export const activity = featureView('activity', {
  entity: streamer,
  from: gift,
  by: 'streamerId',
  lateness: days(1),
  features: {
    gifts: count(),
    gifts1h: count().over(hours(1)),
    coins7d: sum('coins').over(days(7)),
    gifters1d: approxDistinct('userId').over(days(1)),
    trend: decayedCount({ halfLife: hours(6) }),
  },
});

export const audience = featureView('audience', {
  entity: streamer,
  from: gift,
  by: 'streamerId',
  lateness: days(1),
  features: { lastGifters: lastDistinct('userId', 20) },
});

export const streamerName = (at: number): string => `streamer-${(at * 7919) % 1_000_003}`;

/** Events of the last hour, in order; few streamers get most of them (a quadratic law). */
export function giftsOf(events: number, streamers: number, now: number): readonly IncomingEvent[] {
  const random = randomBy(23);
  return Array.from({ length: events }, (_, at) => ({
    type: 'gift',
    id: `g${at}`,
    eventAt: now - Math.floor((3_600_000 * (events - at)) / events) - 1,
    payload: {
      streamerId: streamerName(Math.floor(random() ** 2 * streamers)),
      userId: `user-${Math.floor(random() * 50_000)}`,
      coins: 1 + Math.floor(random() * 100),
    },
  }));
}
