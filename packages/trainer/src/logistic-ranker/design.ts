import type { Column, Frame } from '@milonga/core';
import { categoriserOf } from './categories.ts';
import { type FittedFeature, isNumeric, transformed, weightCount } from './fitted-feature.ts';

/** A feature over the training rows: numbers with one weight, or categories with one weight each. */
export type DesignBlock =
  | { readonly kind: 'numbers'; readonly at: number; readonly numbers: Float64Array }
  | { readonly kind: 'categories'; readonly at: number; readonly categories: Int32Array };

/** The training rows as a linear model sees them, by columns; no matrix of mostly zeros is ever made. */
export interface Design {
  readonly rows: number;
  /** Number of weights, without the bias. */
  readonly weights: number;
  readonly blocks: readonly DesignBlock[];
}

/** Computes every feature for every row. */
export function designOf(features: readonly FittedFeature[], rows: Frame): Design {
  let at = 0;
  const blocks = features.map((feature): DesignBlock => {
    const start = at;
    at += weightCount(feature);
    if (!isNumeric(feature)) return { kind: 'categories', at: start, categories: categoriserOf(feature)(rows) };
    const { kind, centre, scale, fill } = feature;
    const numbers = (rows.column(feature.column) as Column).toFloat64().map((number) => {
      const value = transformed(kind, number);
      return ((Number.isFinite(value) ? value : fill) - centre) / scale;
    });
    return { kind: 'numbers', at: start, numbers };
  });
  return { rows: rows.length, weights: at, blocks };
}

/** `scores[row] = weights . features of the row + bias`; the bias is the last of the weights. */
export function scoreDesign(
  { blocks, rows, weights: count }: Design,
  weights: Float64Array,
  scores: Float64Array,
): void {
  scores.fill(weights[count] ?? 0);
  for (const block of blocks) {
    if (block.kind === 'numbers') {
      const weight = weights[block.at]!;
      const { numbers } = block;
      for (let row = 0; row < rows; row += 1) scores[row]! += weight * numbers[row]!;
    } else {
      const { categories, at } = block;
      for (let row = 0; row < rows; row += 1)
        if (categories[row]! >= 0) scores[row]! += weights[at + categories[row]!]!;
    }
  }
}

/** Adds to `gradient` what the rows' slopes mean for each weight. */
export function addGradient(
  { blocks, rows, weights: count }: Design,
  slopes: Float64Array,
  gradient: Float64Array,
): void {
  for (const block of blocks) {
    if (block.kind === 'numbers') {
      const { numbers } = block;
      let sum = 0;
      for (let row = 0; row < rows; row += 1) sum += slopes[row]! * numbers[row]!;
      gradient[block.at]! += sum;
    } else {
      const { categories, at } = block;
      for (let row = 0; row < rows; row += 1)
        if (categories[row]! >= 0) gradient[at + categories[row]!]! += slopes[row]!;
    }
  }
  if (gradient.length > count) {
    let sum = 0;
    for (let row = 0; row < rows; row += 1) sum += slopes[row]!;
    gradient[count]! += sum;
  }
}
