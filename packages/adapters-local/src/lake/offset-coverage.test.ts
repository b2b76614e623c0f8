import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OffsetCoverage } from './offset-coverage.ts';

const range = fc
  .record({ partition: fc.nat(2), first: fc.nat(60), length: fc.integer({ min: 1, max: 12 }) })
  .map(({ partition, first, length }) => ({ partition, first, last: first + length - 1 }));

test('knows exactly what a set of offsets knows', () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 40 }), (ranges) => {
      const coverage = new OffsetCoverage();
      const set = new Set<string>();
      for (const one of ranges) {
        const offsets = Array.from({ length: one.last - one.first + 1 }, (_, i) => `${one.partition} ${one.first + i}`);
        const overlaps = offsets.some((offset) => set.has(offset));
        expect(coverage.overlapWith([one]) !== undefined).toBe(overlaps);
        if (overlaps) continue;
        coverage.add([one]);
        for (const offset of offsets) set.add(offset);
      }
      const restored = new OffsetCoverage();
      restored.add(coverage.toRanges());
      expect(restored.toRanges()).toEqual(coverage.toRanges());
      for (const [partition, last] of coverage.lasts()) {
        expect(set.has(`${partition} ${last}`)).toBe(true);
        expect(set.has(`${partition} ${last + 1}`)).toBe(false);
      }
      const sizes = coverage.toRanges().reduce((sum, { first, last }) => sum + last - first + 1, 0);
      expect(sizes).toBe(set.size);
    }),
  );
});

test('batches without gaps are one interval, in whatever order they come', () => {
  const coverage = new OffsetCoverage();
  for (const i of [3, 0, 4, 1, 2]) coverage.add([{ partition: 0, first: i * 10, last: i * 10 + 9 }]);
  expect(coverage.toRanges()).toEqual([{ partition: 0, first: 0, last: 49 }]);
});
