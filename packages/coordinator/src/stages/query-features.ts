import { FeatureReader, type FeatureViewShape, type Fields, MilongaError, type Row } from '@milonga/core';
import type { QueryHydrator } from '../stage/query-hydrator.ts';
import { byEntity, nameOf, partOfQuery } from './feature-keys.ts';
import type { ViewFields } from './features.ts';

/**
 * Adds features to the query itself, such as the customer's history: one read per entity, with keys from the query.
 *
 * An unknown customer has the view's values for that: 0, an empty list, null. When the reader fails, the request fails,
 * unless you say what to use instead; do so only where no safety filter reads it.
 *
 * @example
 * ```ts
 * .query(queryFeatures(customerHistory))
 * .query({ ...queryFeatures(customerHistory), fallback: { recentItems: [], spent90d: 0 } })
 * ```
 */
export function queryFeatures<const Views extends readonly [FeatureViewShape, ...FeatureViewShape[]]>(
  ...views: Views
): QueryHydrator<object, Row<ViewFields<Views>>> {
  const groups = byEntity(views);
  return {
    name: nameOf(views),
    needs: [FeatureReader],
    columns: Object.assign({}, ...views.map((view) => view.fields)) as Fields,
    hydrate: async (query, context) => {
      const reader = context.ports.get(FeatureReader);
      const rows = await Promise.all(
        groups.map(async (group) => {
          const keys = group.entity.keys.map((part) => [keyOf(part, query)]);
          const batches = await reader.read({ views: group.views, keys }, { at: context.now, signal: context.signal });
          return batches.map((batch) => batch.frame.toRows()[0]);
        }),
      );
      return Object.assign({}, ...rows.flat()) as Row<ViewFields<Views>>;
    },
  };
}

function keyOf(part: string, query: object): string {
  const value = partOfQuery(part, query, {});
  if (value !== undefined) return value;
  throw new MilongaError(
    'MILONGA_DEFINITION_INVALID',
    `The query has no field "${part}", which is part of the key of a view to be read for it.`,
  );
}
