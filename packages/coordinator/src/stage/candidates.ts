import type { Frame } from '@milonga/core';

/**
 * The candidates as one stage sees them: a snapshot, which nothing that happens later can change.
 *
 * Positions run from 0 to `length - 1`, whatever was filtered before. A row that is handed to a callback moves: keep its
 * values, never the row itself.
 */
export interface Candidates<out Item> {
  readonly length: number;
  /** By position. */
  ids(): readonly string[];
  forEach(visit: (item: Item, position: number) => void): void;
  /** One byte per candidate: 1 where `keep` says so. */
  test<Extra>(keep: (item: Item, extra: Extra) => boolean, extra: Extra): Uint8Array;
  /** One number per candidate. */
  measure<Extra>(by: (item: Item, extra: Extra) => number, extra: Extra): Float64Array;
  /** A copy of a numeric column by position; null is NaN, booleans are 0 and 1. */
  numbers(column: keyof Item & string): Float64Array;
  /** `into[position] += weight * column[position]`: the loop of a scorer, without a row in sight. */
  addScaled(column: keyof Item & string, weight: number, into: Float64Array): void;
  /** The candidates as a frame with one row per position. Default: all columns. */
  toFrame(columns?: readonly (keyof Item & string)[]): Frame;
}
