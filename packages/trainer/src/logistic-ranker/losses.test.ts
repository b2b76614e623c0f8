import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LabelledGroups, type Loss, pairwiseLoss, pointwiseLoss, softmaxLoss } from './losses.ts';

const rows = fc.array(
  fc.record({
    score: fc.double({ min: -3, max: 3, noNaN: true }),
    label: fc.constantFrom(0, 1),
    weight: fc.constantFrom(1, 2.5),
  }),
  { minLength: 6, maxLength: 12 },
);

const groupsOf = (list: readonly { label: number; weight: number }[]): LabelledGroups => ({
  offsets: Int32Array.of(0, 3, 3, list.length),
  label: Uint8Array.from(list, ({ label }) => label),
  weight: Float32Array.from(list, ({ weight, label }) => (label === 1 ? 1 : weight)),
});

const LOSSES: readonly (readonly [string, Loss])[] = [
  ['softmax', softmaxLoss],
  ['pairwise', pairwiseLoss],
  ['pointwise', pointwiseLoss],
];

describe.each(LOSSES)('%s loss', (_, loss) => {
  it('has the slopes that finite differences show', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const groups = groupsOf(list);
        const scores = Float64Array.from(list, ({ score }) => score);
        const slopes = new Float64Array(list.length);
        loss(groups, scores, slopes);
        const scratch = new Float64Array(list.length);
        for (let row = 0; row < list.length; row += 1) {
          const step = 1e-5;
          const up = loss(groups, scores.with(row, scores[row]! + step), scratch);
          const down = loss(groups, scores.with(row, scores[row]! - step), scratch);
          expect(slopes[row]).toBeCloseTo((up - down) / (2 * step), 6);
        }
      }),
    );
  });

  it('stays finite for scores of any size', () => {
    const groups = groupsOf(Array.from({ length: 6 }, (_row, at) => ({ label: at % 2, weight: 1 })));
    const slopes = new Float64Array(6);
    const value = loss(groups, Float64Array.of(1e6, -1e6, 800, -800, 0, 1e9), slopes);
    expect(Number.isFinite(value)).toBe(true);
    expect(slopes.every(Number.isFinite)).toBe(true);
  });
});

it('softmax and pairwise leave groups without a choice alone', () => {
  const groups: LabelledGroups = {
    offsets: Int32Array.of(0, 2),
    label: Uint8Array.of(0, 0),
    weight: Float32Array.of(1, 1),
  };
  for (const loss of [softmaxLoss, pairwiseLoss]) {
    const slopes = Float64Array.of(9, 9);
    expect(loss(groups, Float64Array.of(1, 2), slopes)).toBe(0);
    expect([...slopes]).toEqual([0, 0]);
  }
});
