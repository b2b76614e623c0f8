import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BestOf } from './best-of.ts';

test('keeps the best, ties by the smaller number, in whatever order they come', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -2, max: 5 }), { maxLength: 40 }),
      fc.nat(12),
      fc.nat(),
      (values, limit, seed) => {
        const best = new BestOf(limit);
        const order = values
          .map((_, id) => id)
          .sort((left, right) => ((left * 31 + seed) % 17) - ((right * 31 + seed) % 17));
        for (const id of order) best.offer(id, values[id]!);
        const found: [number, number][] = [];
        best.drain((id, value) => found.push([id, value]));
        const wanted = values
          .map((value, id): [number, number] => [id, value])
          .filter(([, value]) => value > 0)
          .sort(([leftId, left], [rightId, right]) => right - left || leftId - rightId)
          .slice(0, limit);
        expect(found).toEqual(wanted);
      },
    ),
  );
});

test('NaN is no value, and a drained one starts anew', () => {
  const best = new BestOf(3);
  best.offer(1, Number.NaN);
  best.offer(2, 1);
  best.drain(() => {});
  best.offer(3, 2);
  const found: number[] = [];
  best.drain((id) => found.push(id));
  expect(found).toEqual([3]);
});
