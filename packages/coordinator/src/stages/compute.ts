import { type ColumnInputs, type Fields, Frame, FrameBuilder, type Row } from '@milonga/core';
import type { Candidates } from '../stage/candidates.ts';
import type { StrictHydrator } from '../stage/hydrator.ts';

/** What a computed feature may know besides item and query. */
export interface ComputeContext {
  /** The moment that the request is answered for, Unix ms. */
  readonly now: number;
}

/**
 * Adds features that are computed from what is there, row by row. The same code runs in serving and in training sets.
 *
 * @example
 * ```ts
 * .hydrate(compute('signals', { ageHours: float64() }, (item, query, { now }) => ({ ageHours: (now - item.createdAt) / 3_600_000 })))
 * ```
 */
export const compute = <const F extends Fields, Query, Item>(
  name: string,
  columns: F,
  rowOf: (item: Item, query: Query, context: ComputeContext) => Row<NoInfer<F>>,
): StrictHydrator<Query, Item, F> => ({
  name,
  columns,
  onMissing: 'fail',
  hydrate: (candidates, query, { now }) => {
    const builder = new FrameBuilder<F>(columns, { capacity: candidates.length });
    const context: ComputeContext = { now };
    candidates.forEach((item) => {
      builder.append(rowOf(item, query, context));
    });
    return builder.finish();
  },
});

/**
 * The same with whole columns: for features of many numbers, or of all candidates at once, such as a rank among them.
 *
 * @example
 * ```ts
 * .hydrate(computeColumns('popularity', { share: float64() }, (candidates) => {
 *   const sold = candidates.numbers('sold30d');
 *   const total = sold.reduce((sum, one) => sum + one, 0);
 *   return { share: sold.map((one) => one / total) };
 * }))
 * ```
 */
export const computeColumns = <const F extends Fields, Query, Item>(
  name: string,
  columns: F,
  columnsOf: (candidates: Candidates<Item>, query: Query, context: ComputeContext) => ColumnInputs<NoInfer<F>>,
): StrictHydrator<Query, Item, F> => ({
  name,
  columns,
  onMissing: 'fail',
  hydrate: (candidates, query, { now }) =>
    Frame.fromColumns<F>(columns, columnsOf(candidates, query, { now }), { length: candidates.length }),
});
