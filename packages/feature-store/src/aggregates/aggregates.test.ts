import { days, type Fields, int32, nullable, string } from '@milonga/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader } from '../bytes/byte-reader.ts';
import { ByteWriter } from '../bytes/byte-writer.ts';
import type { Aggregate } from './aggregate.ts';
import { approxDistinct } from './approx-distinct.ts';
import { count } from './count.ts';
import { decayedCount } from './decayed-count.ts';
import { decayedSum } from './decayed-sum.ts';
import { firstEventAt } from './first-event-at.ts';
import { lastDistinct } from './last-distinct.ts';
import { lastEventAt } from './last-event-at.ts';
import { compareText } from './recent-texts.ts';
import { sum } from './sum.ts';

const fields = { userId: string(), coins: nullable(int32()) };
const exact: Readonly<Record<string, Aggregate>> = {
  count: count().define(fields),
  sum: sum('coins').define(fields),
  'sum with decimals': sum('coins', { decimals: 2 }).define(fields as Fields),
  lastDistinct: lastDistinct('userId', 3).define(fields),
  approxDistinct: approxDistinct('userId', { precision: 8 }).define(fields),
  lastEventAt: lastEventAt().define(fields),
  firstEventAt: firstEventAt().define(fields),
};
const decayed: Readonly<Record<string, Aggregate>> = {
  decayedCount: decayedCount({ halfLife: days(1) }).define(fields),
  decayedSum: decayedSum('coins', { halfLife: days(1) }).define(fields),
};

interface Occurred {
  readonly userId: string;
  readonly coins: number;
  readonly at: number;
}
const occurred = fc.record({
  userId: fc.constantFrom('a', 'b', 'é', '\uff00', '😀', 'c', 'd'),
  coins: fc.integer({ min: -50, max: 50 }),
  at: fc.nat(5 * days(1).ms),
});
const some = fc.array(occurred, { maxLength: 30 });

const stateOf = (aggregate: Aggregate, events: readonly Occurred[]): unknown =>
  events.reduce(
    (state, event) =>
      aggregate.absorb(state, aggregate.field === undefined ? undefined : event[aggregate.field as 'coins'], event.at),
    aggregate.identity(),
  );

function packed(aggregate: Aggregate, state: unknown): Uint8Array {
  const writer = new ByteWriter();
  aggregate.write(state, writer);
  return writer.finish();
}

/** What a reader far in the future would find. */
function onlineTotal(aggregate: Aggregate, state: unknown): unknown {
  const writer = new ByteWriter();
  aggregate.online.writeTotal(state, writer);
  const column = aggregate.online.column({ rows: 1, at: 10 * days(1).ms, window: undefined });
  column.read(new ByteReader().reset(writer.finish()));
  return column.finish().at(0);
}

describe.each(Object.entries(exact))('%s', (_name, aggregate) => {
  it('is a commutative monoid: order and grouping of events change no byte', () => {
    fc.assert(
      fc.property(some, some, fc.infiniteStream(fc.nat()), (left, right, randoms) => {
        const together = packed(aggregate, stateOf(aggregate, [...left, ...right]));
        const shuffled = [...left, ...right]
          .map((event) => ({ event, rank: randoms.next().value as number }))
          .sort((a, b) => a.rank - b.rank);
        expect(
          packed(
            aggregate,
            stateOf(
              aggregate,
              shuffled.map(({ event }) => event),
            ),
          ),
        ).toEqual(together);
        expect(packed(aggregate, aggregate.merge(stateOf(aggregate, left), stateOf(aggregate, right)))).toEqual(
          together,
        );
        expect(packed(aggregate, aggregate.merge(stateOf(aggregate, right), stateOf(aggregate, left)))).toEqual(
          together,
        );
        expect(packed(aggregate, aggregate.merge(stateOf(aggregate, left), aggregate.identity()))).toEqual(
          packed(aggregate, stateOf(aggregate, left)),
        );
      }),
    );
  });

  it('survives packing', () => {
    fc.assert(
      fc.property(some, (events) => {
        const bytes = packed(aggregate, stateOf(aggregate, events));
        const reader = new ByteReader().reset(bytes);
        expect(packed(aggregate, aggregate.read(reader))).toEqual(bytes);
        expect(reader.isDone).toBe(true);
      }),
    );
  });
});

describe.each(Object.entries(decayed))('%s', (_name, aggregate) => {
  it('is the same to nine digits in any order', () => {
    fc.assert(
      fc.property(some, some, (left, right) => {
        const expected = onlineTotal(aggregate, stateOf(aggregate, [...left, ...right])) as number;
        const merged = onlineTotal(
          aggregate,
          aggregate.merge(stateOf(aggregate, right), stateOf(aggregate, left)),
        ) as number;
        const weights = [...left, ...right].map(
          ({ coins, at }) => (aggregate.field === undefined ? 1 : coins) * 2 ** ((at - 10 * days(1).ms) / days(1).ms),
        );
        for (const found of [merged, weights.reduce((all, one) => all + one, 0)])
          expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)));
      }),
    );
  });
});

describe('definitions', () => {
  it('refuse what cannot be computed', () => {
    const invalid = expect.objectContaining({ code: 'MILONGA_DEFINITION_INVALID' });
    expect(() => sum('userId').define(fields as never)).toThrow(invalid);
    expect(() => lastDistinct('coins', 3).define(fields as never)).toThrow(invalid);
    expect(() => lastDistinct('userId', 0)).toThrow(invalid);
    expect(() => approxDistinct('userId', { precision: 3 })).toThrow(invalid);
    expect(() => sum('coins', { decimals: 16 })).toThrow(invalid);
    expect(() => decayedCount({ halfLife: { ms: 0 } })).toThrow(invalid);
    expect(() => count().over(days(1), { hop: { ms: 1 } })).toThrow(invalid);
  });

  it('order texts as databases do, by UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (left, right) => {
        expect(Math.sign(compareText(left, right))).toBe(Buffer.compare(Buffer.from(left), Buffer.from(right)));
      }),
    );
  });
});
