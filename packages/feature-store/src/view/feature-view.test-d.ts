import {
  days,
  entity,
  enumeration,
  event,
  type Float64Type,
  hours,
  int32,
  type ListType,
  minutes,
  type NullableType,
  nullable,
  type StringType,
  string,
  type TimestampType,
  timestamp,
} from '@milonga/core';
import { expectTypeOf } from 'vitest';
import { approxDistinct } from '../aggregates/approx-distinct.ts';
import { count } from '../aggregates/count.ts';
import { decayedCount } from '../aggregates/decayed-count.ts';
import { lastDistinct } from '../aggregates/last-distinct.ts';
import { lastEventAt } from '../aggregates/last-event-at.ts';
import { sum } from '../aggregates/sum.ts';
import { featureView } from './feature-view.ts';

const gift = event('gift', {
  userId: string(),
  streamerId: string(),
  coins: int32(),
  tip: nullable(int32()),
  device: enumeration('phone', 'desktop'),
  sentAt: timestamp(),
});
const streamer = entity('streamer', 'streamerId');
const pair = entity('user-streamer', 'userId', 'streamerId');
const lateness = minutes(10);

const view = featureView('streamer-activity', {
  entity: streamer,
  from: gift,
  by: 'streamerId',
  lateness,
  where: { field: 'coins', above: 0 },
  features: {
    gifts1h: count().over(hours(1)),
    coins7d: sum('coins').over(days(7)),
    tips: sum('tip'),
    gifters: approxDistinct('userId').over(days(1)),
    last: lastDistinct('userId', 50),
    devices: lastDistinct('device', 2),
    trend: decayedCount({ halfLife: days(1) }),
    seenAt: lastEventAt(),
  },
});

expectTypeOf(view.fields.gifts1h).toEqualTypeOf<Float64Type>();
expectTypeOf(view.fields.coins7d).toEqualTypeOf<Float64Type>();
expectTypeOf(view.fields.last).toEqualTypeOf<ListType<StringType>>();
expectTypeOf(view.fields.seenAt).toEqualTypeOf<NullableType<TimestampType>>();
expectTypeOf<keyof typeof view.fields>().toEqualTypeOf<
  'gifts1h' | 'coins7d' | 'tips' | 'gifters' | 'last' | 'devices' | 'trend' | 'seenAt'
>();

featureView('pairs', {
  entity: pair,
  from: gift,
  by: ['userId', 'streamerId'],
  lateness,
  features: { gifts: count() },
});

const of = { entity: streamer, from: gift, by: 'streamerId', lateness } as const;

// @ts-expect-error a text cannot be summed
featureView('a', { ...of, features: { x: sum('userId') } });
// @ts-expect-error the event has no such field
featureView('b', { ...of, features: { x: sum('coin') } });
// @ts-expect-error a number has no distinct texts
featureView('c', { ...of, features: { x: lastDistinct('coins', 5) } });
// @ts-expect-error an entity is not identified by a number
featureView('d', { ...of, by: 'coins', features: { x: count() } });
// @ts-expect-error a pair needs two fields
featureView('e', { ...of, entity: pair, by: 'userId', features: { x: count() } });
// @ts-expect-error one field is not enough for a pair
featureView('f', { ...of, entity: pair, by: ['userId'], features: { x: count() } });
// @ts-expect-error a decayed count is always over all time
decayedCount({ halfLife: days(1) }).over(days(1));
// @ts-expect-error a text is not above a number
featureView('g', { ...of, where: { field: 'userId', above: 0 }, features: { x: count() } });
// @ts-expect-error a window is not limited twice
count().over(days(1)).over(days(2));
