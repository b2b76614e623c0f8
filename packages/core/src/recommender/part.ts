import type { Adapter } from '../app/adapter.ts';
import type { Role } from './role.ts';

/** An adapter that brings roles along, such as one that serves models in this process. */
export interface RoleAdapter extends Adapter {
  readonly roles?: readonly Role[];
}

/**
 * An adapter that several parts bring, each with something else in it, such as one pipeline each: those of equal name are
 * joined into one.
 */
export interface JoinedAdapter extends Adapter {
  /** One adapter that does the work of both. `other` has the same name. */
  join(other: Adapter): JoinedAdapter;
}

/**
 * Something that stands in a recommender and brings along what it takes to run: the roles that work for it and the
 * adapters that provide its own ports. A feature view brings `tiles` and `materialise`, a model brings `train` and
 * `predict`, a pipeline brings `recommend`; so a recommender runs without anybody listing its machinery.
 */
export interface Part {
  /** Roles of equal name are the same role; each is started once. */
  readonly roles: readonly Role[];
  /** Loaded before the adapters of the recommender, which win. Adapters of equal name are joined, or are the same. */
  readonly adapters: readonly (Adapter | JoinedAdapter)[];
}
