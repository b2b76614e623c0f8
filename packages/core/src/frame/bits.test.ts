import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyBits, countBits, fillBits, hasBit, setBit, sliceBits } from './bits.ts';

const bitmapOf = (bits: readonly boolean[], slack = 0): Uint8Array => {
  const bytes = new Uint8Array(((bits.length + 7) >>> 3) + slack);
  bits.forEach((bit, at) => {
    if (bit) setBit(bytes, at);
  });
  return bytes;
};
const bitsOf = (bytes: Uint8Array, count: number): boolean[] =>
  Array.from({ length: count }, (_, at) => hasBit(bytes, at));
const places = fc
  .array(fc.boolean(), { maxLength: 60 })
  .chain((bits) =>
    fc
      .tuple(fc.constant(bits), fc.nat({ max: bits.length }), fc.nat({ max: bits.length }))
      .map(([all, one, other]) => [all, Math.min(one, other), Math.max(one, other)] as const),
  );

describe('bitmaps', () => {
  it('copy and slice any part to any place, and touch nothing else', () => {
    fc.assert(
      fc.property(
        places,
        fc.array(fc.boolean(), { maxLength: 20 }),
        fc.array(fc.boolean(), { maxLength: 20 }),
        ([bits, start, end], before, after) => {
          const part = bits.slice(start, end);
          const to = bitmapOf([...before, ...part.map(() => false), ...after]);
          copyBits(bitmapOf(bits), start, to, before.length, part.length);
          expect(bitsOf(to, before.length + part.length + after.length)).toEqual([...before, ...part, ...after]);
          expect(bitsOf(sliceBits(bitmapOf(bits), start, end), end - start)).toEqual(part);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('fill and count', () => {
    fc.assert(
      fc.property(places, ([bits, start, end]) => {
        const filled = bitmapOf(bits, 1);
        fillBits(filled, start, end - start);
        expect(bitsOf(filled, bits.length)).toEqual(bits.map((bit, at) => bit || (at >= start && at < end)));
        expect(countBits(bitmapOf(bits), end)).toBe(bits.slice(0, end).filter(Boolean).length);
      }),
    );
  });
});
