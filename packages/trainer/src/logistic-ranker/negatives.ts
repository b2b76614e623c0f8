import { hashOf, seededRandom } from '../random/seeded-random.ts';

/** Rows of a group that are kept, ascending, and how many candidates each stands for. */
export interface KeptRows {
  readonly rows: Int32Array;
  readonly weights: Float32Array;
}

/** How negatives are thinned out; see `SampleOptions`. */
export interface NegativeSampling {
  readonly negatives: number;
  readonly weighted: boolean;
  readonly seed: number;
}

/** Keeps every positive and some negatives of a group, at random; which ones depends on the group's name and the seed alone. */
export function thinNegatives(
  label: Uint8Array,
  group: string,
  { negatives, weighted, seed }: NegativeSampling,
): KeptRows {
  const candidates: number[] = [];
  const rows: number[] = [];
  for (let row = 0; row < label.length; row += 1) (label[row] === 1 ? rows : candidates).push(row);
  const available = candidates.length;
  const count = Math.min(negatives, available);
  const random = seededRandom(hashOf(group, seed));
  for (let at = 0; at < count; at += 1) {
    const other = at + random.below(available - at);
    rows.push(candidates[other]!);
    candidates[other] = candidates[at]!;
  }
  const kept = Int32Array.from(rows).sort();
  const weight = weighted && count > 0 ? available / count : 1;
  return { rows: kept, weights: Float32Array.from(kept, (row) => (label[row] === 1 ? 1 : weight)) };
}
