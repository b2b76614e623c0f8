import { boolean, float64, MilongaError, nullable, string, type ValueType } from '@milonga/core';

/** A number of a column, as it is or through a logarithm. */
export interface NumericFeature {
  readonly kind: 'identity' | 'log1p';
  readonly column: string;
  readonly type: ValueType;
  readonly standardise: boolean;
}

/** One weight for each of the most frequent values of a column. */
export interface OneHotFeature {
  readonly kind: 'one-hot';
  readonly column: string;
  readonly type: ValueType;
  readonly most: number;
}

/** One weight for each of the ranges between boundaries. */
export interface BucketFeature {
  readonly kind: 'buckets';
  readonly column: string;
  readonly type: ValueType;
  /** Ascending. Bucket 0 is below the first, bucket n at or above the last. */
  readonly boundaries: readonly number[];
}

/** 1 where a column is null or not a number. */
export interface MissingFeature {
  readonly kind: 'missing';
  readonly column: string;
  readonly type: ValueType;
}

/** A feature with a weight per category, which can be crossed with another. */
export type CategoricalFeature = OneHotFeature | BucketFeature | MissingFeature;

/** One weight for each pair of categories. */
export interface CrossFeature {
  readonly kind: 'cross';
  readonly left: CategoricalFeature;
  readonly right: CategoricalFeature;
}

/** How a column of the candidates enters a linear ranker. Made by {@link identity}, {@link log1p} and their like. */
export type RankerFeature = NumericFeature | CategoricalFeature | CrossFeature;

/** What the numeric features take. */
export interface NumericOptions {
  /** Type of the column: int32, float32, float64, boolean or timestamp. Default: `float64()`. */
  readonly type?: ValueType;
  /** Whether to centre it and to divide it by its standard deviation, as found in the training rows. Default: true. */
  readonly standardise?: boolean;
}

const NUMERIC: ReadonlySet<string> = new Set(['int32', 'float32', 'float64', 'boolean', 'timestamp']);

function numeric(kind: 'identity' | 'log1p', column: string, options: NumericOptions): NumericFeature {
  const { type = float64(), standardise = true } = options;
  requireNumeric(column, type);
  return { kind, column, type, standardise };
}

function requireNumeric(column: string, type: ValueType): void {
  if (NUMERIC.has(type.kind)) return;
  throw new MilongaError(
    'MILONGA_DEFINITION_INVALID',
    `A ranker cannot read column "${column}" as a number: it is ${type.kind}. Use oneHot("${column}").`,
  );
}

/** A number as it is. A missing one counts as the mean of the training rows. @example `identity('share')` */
export const identity = (column: string, options: NumericOptions = {}): NumericFeature =>
  numeric('identity', column, options);

/**
 * The natural logarithm of 1 + the number, for counts and amounts; of a negative number -log(1 - x), so that it never
 * becomes NaN.
 *
 * @example `log1p('purchases30d', { type: int32() })`
 */
export const log1p = (column: string, options: NumericOptions = {}): NumericFeature =>
  numeric('log1p', column, options);

/** True and false as a weight. @example `flag('isNew')` */
export const flag = (column: string): NumericFeature =>
  numeric('identity', column, { type: boolean(), standardise: false });

/**
 * A weight for each of the most frequent values; a value without one of its own weighs nothing.
 *
 * @example `oneHot('category', { most: 50 })`
 */
export function oneHot(
  column: string,
  { most = 100, type = string() }: { readonly most?: number; readonly type?: ValueType } = {},
): OneHotFeature {
  if (type.kind !== 'string' && type.kind !== 'enumeration' && type.kind !== 'int32') {
    throw new MilongaError(
      'MILONGA_DEFINITION_INVALID',
      `oneHot("${column}") reads strings, enumerations and int32; found ${type.kind}. For other numbers, bucketise.`,
    );
  }
  if (!Number.isInteger(most) || most < 1 || most > 100_000) {
    throw new MilongaError(
      'MILONGA_DEFINITION_INVALID',
      `oneHot("${column}").most must be an integer from 1 to 100000; found ${most}.`,
    );
  }
  return { kind: 'one-hot', column, type, most };
}

/**
 * A weight for each range of a number: below the first boundary, between two, and from the last one on. A missing number
 * weighs nothing.
 *
 * @example `bucketise('daysSinceLastSale', [14, 60])`
 */
export function bucketise(
  column: string,
  boundaries: readonly number[],
  { type = float64() }: { readonly type?: ValueType } = {},
): BucketFeature {
  requireNumeric(column, type);
  const isAscending = boundaries.every(
    (value, at) => Number.isFinite(value) && (at === 0 || value > boundaries[at - 1]!),
  );
  if (boundaries.length === 0 || !isAscending) {
    throw new MilongaError(
      'MILONGA_DEFINITION_INVALID',
      `bucketise("${column}") needs ascending finite boundaries; found ${boundaries.join(', ') || 'none'}.`,
    );
  }
  return { kind: 'buckets', column, type, boundaries };
}

/** 1 where the column is null or not a number, so that not knowing can have a weight of its own. @example `missing('price')` */
export const missing = (
  column: string,
  { type = nullable(float64()) }: { readonly type?: ValueType } = {},
): MissingFeature => ({
  kind: 'missing',
  column,
  type,
});

/**
 * A weight for each pair of categories, where the two together say more than their sum.
 *
 * @example `cross(oneHot('country'), bucketise('price', [1, 5, 20]))`
 */
export const cross = (left: CategoricalFeature, right: CategoricalFeature): CrossFeature => ({
  kind: 'cross',
  left,
  right,
});
