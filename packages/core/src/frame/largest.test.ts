import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largest } from './largest.ts';

/** The order in one sentence: greater key first, NaN last, then the smaller id, then the earlier row. */
const sorted = (keys: readonly number[], ids: readonly string[]): number[] =>
  keys
    .map((_, row) => row)
    .sort((left, right) => {
      const [a, b] = [keys[left]!, keys[right]!];
      if (Number.isNaN(a) !== Number.isNaN(b)) return Number.isNaN(a) ? 1 : -1;
      if (a > b || a < b) return a > b ? -1 : 1;
      if (ids[left] !== ids[right]) return ids[left]! < ids[right]! ? -1 : 1;
      return left - right;
    });

describe('largest', () => {
  it('is the beginning of the sorted whole', () => {
    const key = fc.oneof(
      fc.constantFrom(0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
      fc.double(),
    );
    const rows = fc.array(fc.tuple(key, fc.constantFrom('a', 'b', 'B', 'c', '\u{1f600}', '\uffff')), { maxLength: 60 });
    fc.assert(
      fc.property(rows, fc.integer({ min: -1, max: 70 }), (pairs, count) => {
        const keys = pairs.map(([number]) => number);
        const ids = pairs.map(([, id]) => id);
        expect([...largest(Float64Array.from(keys), count, () => ids)]).toEqual(
          sorted(keys, ids).slice(0, Math.max(0, count)),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('asks for ids only at a tie', () => {
    const never = (): never => {
      throw new Error('no tie here');
    };
    expect([...largest(Float64Array.of(1, 3, 2, -1), 3, never)]).toEqual([1, 2, 0]);
    expect(() => largest(Float64Array.of(1, 1), 1, never)).toThrow('no tie');
  });
});
