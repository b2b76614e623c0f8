import type { Filter } from '../stage/filter.ts';

/** Below this, looking through a list costs less than making a set of it. */
const FEW = 4;

/**
 * Drops the candidates whose ids a list of the query names, such as what the customer has seen, bought or blocked.
 *
 * @example
 * ```ts
 * .filter(notIn('not-blocked', (query) => query.blocked))
 * ```
 */
export const notIn = <Query>(
  name: string,
  idsOf: (query: Query) => ReadonlySet<string> | readonly string[],
): Filter<Query, { readonly id: string }> => ({
  name,
  mask: (candidates, query) => {
    const ids = idsOf(query);
    const known = Array.isArray(ids) && ids.length > FEW ? new Set<string>(ids) : ids;
    if (!('includes' in known)) return candidates.test(({ id }, set) => !set.has(id), known as ReadonlySet<string>);
    return known.length === 0
      ? new Uint8Array(candidates.length).fill(1)
      : candidates.test(({ id }, list) => !list.includes(id), known);
  },
});
