import type { Column, Frame } from '@milonga/core';
import {
  type FittedBuckets,
  type FittedCategorical,
  type FittedCross,
  type FittedMissing,
  type FittedOneHot,
  weightCount,
} from './fitted-feature.ts';
import { textsOf } from './text-column.ts';

/** The category of each row, from 0 on; -1 for a row without one. */
export type Categorise = (rows: Frame) => Int32Array;

/** Makes the function of a categorical feature once, so that a prediction only runs it. */
export function categoriserOf(feature: FittedCategorical | FittedCross): Categorise {
  switch (feature.kind) {
    case 'one-hot':
      return oneHotCategories(feature);
    case 'buckets':
      return bucketCategories(feature);
    case 'missing':
      return missingCategories(feature);
    case 'cross':
      return crossCategories(feature);
  }
}

function oneHotCategories({ column, values }: FittedOneHot): Categorise {
  const categories = new Map(values.map((text, category) => [text, category]));
  return (rows) => {
    const from = rows.column(column) as Column;
    const texts = textsOf(from);
    const found = new Int32Array(rows.length);
    let lastKey = -1;
    let last = -1;
    for (let row = 0; row < rows.length; row += 1) {
      const key = texts.keyOf(row);
      if (key === -1 || key !== lastKey) {
        const text = texts.textOf(row);
        last = text === undefined ? -1 : (categories.get(text) ?? -1);
        lastKey = key;
      }
      found[row] = last;
    }
    return found;
  };
}

function bucketCategories({ column, boundaries }: FittedBuckets): Categorise {
  return (rows) => {
    const numbers = (rows.column(column) as Column).toFloat64();
    const found = new Int32Array(rows.length);
    for (let row = 0; row < rows.length; row += 1) found[row] = bucketOf(numbers[row]!, boundaries);
    return found;
  };
}

function bucketOf(value: number, boundaries: readonly number[]): number {
  if (Number.isNaN(value)) return -1;
  let low = 0;
  let high = boundaries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value >= boundaries[middle]!) low = middle + 1;
    else high = middle;
  }
  return low;
}

function missingCategories({ column }: FittedMissing): Categorise {
  return (rows) => {
    const from = rows.column(column) as Column;
    const isNumeric = from.dictionary === undefined && from.offsets === undefined && from.type.kind !== 'vector';
    const numbers = isNumeric ? from.toFloat64() : undefined;
    return Int32Array.from({ length: rows.length }, (_, row) =>
      from.isNull(row) || (numbers !== undefined && !Number.isFinite(numbers[row])) ? 0 : -1,
    );
  };
}

function crossCategories({ left, right }: FittedCross): Categorise {
  const leftOf = categoriserOf(left);
  const rightOf = categoriserOf(right);
  const width = weightCount(right);
  return (rows) => {
    const found = leftOf(rows);
    const others = rightOf(rows);
    for (let row = 0; row < found.length; row += 1)
      found[row] = found[row]! < 0 || others[row]! < 0 ? -1 : found[row]! * width + others[row]!;
    return found;
  };
}
