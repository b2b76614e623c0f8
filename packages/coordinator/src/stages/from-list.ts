import { Frame, type StringType, string } from '@milonga/core';
import type { Source } from '../stage/source.ts';
import type { Awaitable, StageContext } from '../stage/stage.ts';

const columns: { readonly id: StringType } = { id: string() };

/**
 * A source of fixed candidates: an editor's list, or the last resort of a fallback.
 *
 * @example
 * ```ts
 * .fallback(fromList('house-favourites', ['a17', 'b42']))
 * ```
 */
export function fromList(name: string, ids: readonly string[]): Source<unknown, { readonly id: StringType }> {
  const frame = Frame.fromRows(
    columns,
    ids.map((id) => ({ id })),
  );
  return { name, columns, fetch: () => frame };
}

/**
 * A source of ids that the query holds already, such as what the customer bought before.
 *
 * @example
 * ```ts
 * .sources(fromQuery('bought-before', (query) => query.lastItems))
 * ```
 */
export const fromQuery = <Query>(
  name: string,
  idsOf: (query: Query, context: StageContext) => Awaitable<Iterable<string>>,
): Source<Query, { readonly id: StringType }> => ({
  name,
  columns,
  fetch: (query, context) => {
    const ids = idsOf(query, context);
    return Symbol.iterator in ids ? rowsOf(ids) : ids.then(rowsOf);
  },
});

const rowsOf = (ids: Iterable<string>): readonly { readonly id: string }[] => Array.from(ids, (id) => ({ id }));
