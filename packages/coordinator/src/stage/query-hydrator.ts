import type { Fields } from '@milonga/core';
import type { Awaitable, Stage, StageContext } from './stage.ts';

/** Adds fields to the query, such as what the customer has seen. */
export interface QueryHydrator<in Query, Adds extends object> extends Stage<Query> {
  /** Types of what it adds, for stages that hand the query to a model. Default: what the values show. */
  readonly columns?: Fields;
  readonly hydrate: (query: Query, context: StageContext) => Awaitable<Adds>;
  /** Used, and reported as degraded, when `hydrate` fails or is late. Without it the request fails. */
  readonly fallback?: NoInfer<Adds>;
}
