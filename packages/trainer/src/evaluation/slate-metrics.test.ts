import fc from 'fast-check';
import { expect, test } from 'vitest';
import { areaUnderCurve, MeanQuality, slateQuality } from './slate-metrics.ts';

test('a slate with one of two relevant items in the second place', () => {
  const { recall, ndcg } = slateQuality([0, 1, 0], 2, 3);
  expect(recall).toBe(0.5);
  expect(ndcg).toBeCloseTo(1 / Math.log2(3) / (1 + 1 / Math.log2(3)), 12);
});

test('what is cut off does not count, and a perfect slate has quality 1', () => {
  expect(slateQuality([0, 0, 1], 1, 2)).toEqual({ recall: 0, ndcg: 0 });
  expect(slateQuality([1, 1, 1], 3, 5)).toEqual({ recall: 1, ndcg: 1 });
  expect(slateQuality([1, 1], 7, 2).ndcg).toBe(1); // two places hold no more
});

test('metrics that were not measured are not there', () => {
  const quality = new MeanQuality([1, 5]);
  expect(quality.metrics()).toEqual({});
  quality.add([1], 1);
  quality.add([0], 1);
  expect(quality.metrics()).toEqual({ 'recall@1': 0.5, 'ndcg@1': 0.5, 'recall@5': 0.5, 'ndcg@5': 0.5 });
});

test('the area under the curve is the share of pairs in the right order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.constantFrom(0, 1)), { maxLength: 20 }),
      (rows) => {
        let pairs = 0;
        let right = 0;
        for (const [score, label] of rows) {
          for (const [other, otherLabel] of rows) {
            if (label !== 1 || otherLabel !== 0) continue;
            pairs += 1;
            right += score > other ? 1 : score === other ? 0.5 : 0;
          }
        }
        const found = areaUnderCurve(
          rows.map(([score]) => score),
          rows.map(([, label]) => label),
        );
        if (pairs === 0) expect(found).toBeUndefined();
        else expect(found).toBeCloseTo(right / pairs, 12);
      },
    ),
  );
});
