import type { Filter } from '../stage/filter.ts';

/**
 * A filter that reads like a row and runs over columns.
 *
 * A predicate written for a few fields fits every wider row, so a filter may be shared by pipelines:
 * `const fresh = keepIf('fresh', (item: { readonly ageHours: number }) => item.ageHours < 48)`.
 *
 * @example
 * ```ts
 * .filter(keepIf('unseen', (item, query) => !query.seen.has(item.id)))
 * ```
 */
export const keepIf = <Query, Item>(
  name: string,
  keep: (item: Item, query: Query) => boolean,
): Filter<Query, Item> => ({
  name,
  mask: (candidates, query) => candidates.test(keep, query),
});
