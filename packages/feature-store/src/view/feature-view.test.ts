import { days, entity, event, hours, int32, minutes, string } from '@milonga/core';
import { describe, expect, it } from 'vitest';
import { count } from '../aggregates/count.ts';
import { sum } from '../aggregates/sum.ts';
import { compiledView } from './compiled-view.ts';
import { featureView } from './feature-view.ts';

const gift = event('gift', { userId: string(), streamerId: string(), coins: int32() });
const streamer = entity('streamer', 'streamerId');
const base = { entity: streamer, from: gift, by: 'streamerId', lateness: minutes(10) } as const;
const invalid = expect.objectContaining({ code: 'MILONGA_DEFINITION_INVALID' });

describe('featureView', () => {
  it('is a part: it brings its roles and its adapter', () => {
    const view = featureView('activity', { ...base, features: { gifts: count() } });
    expect(view.roles.map(({ name }) => name)).toEqual(['lake', 'tiles', 'materialise', 'collect']);
    expect(view.adapters.map(({ name }) => name)).toEqual(['feature-store']);
    expect(Object.keys(view.fields)).toEqual(['gifts']);
  });

  it('has a fingerprint that changes when values do, and only then', () => {
    const print = (options: object): string =>
      featureView('activity', { ...base, features: { a: sum('coins').over(days(7)) }, ...options }).fingerprint;
    const first = print({});
    expect(print({})).toBe(first);
    expect(print({ rememberedIds: 5 })).toBe(first);
    const others = [
      { features: { b: sum('coins').over(days(7)) } },
      { features: { a: sum('coins').over(days(8)) } },
      { features: { a: sum('coins').over(days(7), { hop: hours(1) }) } },
      { features: { a: count().over(days(7)) } },
      { hop: days(1) },
      { lateness: minutes(11) },
      { where: { field: 'coins', above: 0 } },
      { by: 'userId' },
    ];
    expect(new Set([first, ...others.map(print)]).size).toBe(others.length + 1);
  });

  it('chooses hops so that windows share tiles, and takes those that are given', () => {
    const { series } = compiledView(
      featureView('activity', {
        ...base,
        hop: minutes(30),
        features: {
          a: count().over(hours(1)),
          b: count().over(days(1)),
          c: count().over(days(1), { hop: hours(2) }),
          d: count(),
        },
      }),
    );
    expect(series.map(({ hopMs, features }) => [hopMs, features.length])).toEqual([
      [minutes(30).ms, 2],
      [hours(2).ms, 1],
      [undefined, 1],
    ]);
    expect(count().over(days(7)).window?.hopMs).toBe(hours(6).ms);
    expect(count().over(hours(1)).window?.hopMs).toBe(minutes(1).ms);
    expect(count().over(days(90)).window?.hopMs).toBe(days(1).ms);
  });

  it('refuses what contradicts itself', () => {
    expect(() => featureView('Activity', { ...base, features: { a: count() } })).toThrow(invalid);
    expect(() => featureView('a', { ...base, features: {} })).toThrow(invalid);
    expect(() =>
      featureView('a', { ...base, by: ['streamerId', 'userId'] as never, features: { a: count() } }),
    ).toThrow(invalid);
    expect(() => featureView('a', { ...base, by: 'coins' as never, features: { a: count() } })).toThrow(invalid);
    expect(() =>
      featureView('a', { ...base, where: { field: 'coins', above: 'x' } as never, features: { a: count() } }),
    ).toThrow(invalid);
    expect(() => featureView('a', { ...base, where: { field: 'coins' }, features: { a: count() } })).toThrow(invalid);
    expect(() => featureView('a', { ...base, rememberedIds: -1, features: { a: count() } })).toThrow(invalid);
  });
});
