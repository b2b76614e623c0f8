import type { Column, Frame } from '@milonga/core';
import type {
  BucketFeature,
  CategoricalFeature,
  CrossFeature,
  MissingFeature,
  NumericFeature,
  OneHotFeature,
  RankerFeature,
} from './feature.ts';
import { textsOf } from './text-column.ts';

/** A numeric feature with what the training rows said of it: enters as `(f(x) - centre) / scale`, and as `fill` when missing. */
export interface FittedNumeric {
  readonly kind: NumericFeature['kind'];
  readonly column: string;
  readonly centre: number;
  readonly scale: number;
  /** On the scale of f(x). */
  readonly fill: number;
}

/** A one-hot feature with the values that have a weight, the most frequent first. */
export interface FittedOneHot {
  readonly kind: 'one-hot';
  readonly column: string;
  readonly values: readonly string[];
}

/** Boundaries are all there is to know. */
export interface FittedBuckets {
  readonly kind: 'buckets';
  readonly column: string;
  readonly boundaries: readonly number[];
}

/** A column is all there is to know. */
export interface FittedMissing {
  readonly kind: 'missing';
  readonly column: string;
}

/** A feature with one weight per category. */
export type FittedCategorical = FittedOneHot | FittedBuckets | FittedMissing;

/** Category of the pair: `left * categories of right + right`. */
export interface FittedCross {
  readonly kind: 'cross';
  readonly left: FittedCategorical;
  readonly right: FittedCategorical;
}

/** A feature that can be computed for any frame. Plain data: it stands in the weights file. */
export type FittedFeature = FittedNumeric | FittedCategorical | FittedCross;

/** Reads from the training rows what a feature needs to know. */
export function fitFeature(feature: RankerFeature, rows: Frame): FittedFeature {
  if (isNumericFeature(feature)) return fitNumeric(feature, rows.column(feature.column) as Column);
  if (feature.kind === 'cross') return fitCross(feature, rows);
  return fitCategorical(feature, rows);
}

const isNumericFeature = (feature: RankerFeature): feature is NumericFeature =>
  feature.kind === 'identity' || feature.kind === 'log1p';

/** True for features with one weight that multiplies a number. */
export const isNumeric = (feature: FittedFeature): feature is FittedNumeric =>
  feature.kind === 'identity' || feature.kind === 'log1p';

function fitNumeric({ kind, column, standardise }: NumericFeature, values: Column): FittedNumeric {
  const numbers = values.toFloat64();
  let count = 0;
  let mean = 0;
  let squares = 0; // Welford (1962): no cancellation, however large the mean
  for (let row = 0; row < numbers.length; row += 1) {
    const value = transformed(kind, numbers[row]!);
    if (!Number.isFinite(value)) continue;
    count += 1;
    const away = value - mean;
    mean += away / count;
    squares += away * (value - mean);
  }
  const deviation = count > 1 ? Math.sqrt(squares / count) : 0;
  if (!standardise) return { kind, column, centre: 0, scale: 1, fill: mean };
  return { kind, column, centre: mean, scale: deviation > 1e-12 ? deviation : 1, fill: mean };
}

/** `log1p` of a negative number is `-log1p(-x)`. */
export const transformed = (kind: NumericFeature['kind'], value: number): number =>
  kind === 'identity' ? value : value < 0 ? -Math.log1p(-value) : Math.log1p(value);

const fitCross = ({ left, right }: CrossFeature, rows: Frame): FittedCross => ({
  kind: 'cross',
  left: fitCategorical(left, rows),
  right: fitCategorical(right, rows),
});

function fitCategorical(feature: CategoricalFeature, rows: Frame): FittedCategorical {
  if (feature.kind === 'one-hot') return fitOneHot(feature, rows.column(feature.column) as Column);
  return plain(feature);
}

const plain = (feature: BucketFeature | MissingFeature): FittedBuckets | FittedMissing =>
  feature.kind === 'buckets'
    ? { kind: 'buckets', column: feature.column, boundaries: feature.boundaries }
    : { kind: 'missing', column: feature.column };

/** The most frequent values; equally frequent ones by the value itself, so that the rows' order does not matter. */
function fitOneHot({ column, most }: OneHotFeature, values: Column): FittedOneHot {
  const texts = textsOf(values);
  const counts = new Map<string, number>();
  for (let row = 0; row < values.length; row += 1) {
    const text = texts.textOf(row);
    if (text !== undefined) counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const ranked = [...counts].sort(
    ([left, leftCount], [right, rightCount]) => rightCount - leftCount || (left < right ? -1 : 1),
  );
  return { kind: 'one-hot', column, values: ranked.slice(0, most).map(([text]) => text) };
}

/** How many weights a feature has. */
export function weightCount(feature: FittedFeature): number {
  switch (feature.kind) {
    case 'identity':
    case 'log1p':
    case 'missing':
      return 1;
    case 'one-hot':
      return feature.values.length;
    case 'buckets':
      return feature.boundaries.length + 1;
    case 'cross':
      return weightCount(feature.left) * weightCount(feature.right);
  }
}

/** What each weight stands for, in words: for the weights file. */
export function weightNames(feature: FittedFeature): readonly string[] {
  switch (feature.kind) {
    case 'identity':
    case 'log1p':
      return [feature.column];
    case 'missing':
      return ['missing'];
    case 'one-hot':
      return feature.values;
    case 'buckets':
      return [`< ${feature.boundaries[0]}`, ...feature.boundaries.map((boundary) => `>= ${boundary}`)];
    case 'cross': {
      const right = weightNames(feature.right);
      return weightNames(feature.left).flatMap((name) => right.map((other) => JSON.stringify([name, other])));
    }
  }
}
