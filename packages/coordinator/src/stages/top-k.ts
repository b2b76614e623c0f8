import { largest } from '@milonga/core';
import type { Candidates } from '../stage/candidates.ts';
import type { Ranking } from '../stage/selector.ts';

/** Names of the columns that hold numbers. */
type NumberNames<Item> = { [Name in keyof Item]: Item[Name] extends number ? Name : never }[keyof Item] & string;

/**
 * The best candidates by one number, highest first. NaN and infinities sink; ties go to the smaller id, so that a replay
 * gives the same slate.
 *
 * `by` is the name of a column, which is fastest, or a function of a row.
 *
 * @example
 * ```ts
 * .select(topK((query) => query.limit, 'relevance'))
 * .select(topK(20, (item) => item.relevance - item.price / 100))
 * ```
 */
export const topK = <Query, Item>(
  limit: number | ((query: Query) => number),
  by: NumberNames<Item> | ((item: Item, query: Query) => number),
): Ranking<Query, Item> => {
  const wanted = typeof limit === 'number' ? () => limit : limit;
  const keys = (candidates: Candidates<Item>, query: Query): Float64Array => {
    const found = typeof by === 'function' ? candidates.measure(by, query) : candidates.numbers(by);
    for (let position = 0; position < found.length; position += 1) {
      if (!Number.isFinite(found[position])) found[position] = Number.NaN;
    }
    return found;
  };
  const rank = (candidates: Candidates<Item>, query: Query, count: number): Int32Array =>
    largest(keys(candidates, query), count, () => candidates.ids());
  return { name: 'top-k', wanted, keys, rank, select: (candidates, query) => rank(candidates, query, wanted(query)) };
};
