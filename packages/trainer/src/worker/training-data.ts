import type { Fields } from '@milonga/core';

/** Interactions by number, as a worker gets them. An entry stands for all events of a user with an item (in a basket). */
export interface InteractionData {
  readonly kind: 'interactions';
  /** Ids by number, ascending, so that ties by number are ties by id. */
  readonly items: readonly string[];
  readonly users: number;
  /** Number of baskets; that of users where the model has no baskets. */
  readonly groups: number;
  readonly user: Int32Array;
  readonly group: Int32Array;
  readonly item: Int32Array;
  /** As of the end of the data. */
  readonly weight: Float32Array;
  /** How entries of one cell are put together: `max` where the latest event alone counts. */
  readonly merge: 'add' | 'max';
  /** Event time of the latest event of the entry, Unix ms. */
  readonly latestAt: Float64Array;
  /** 1 for events of the holdout. */
  readonly isHeldOut: Uint8Array;
  /** Factor that makes the weights of the earlier part those as of the beginning of the holdout. */
  readonly earlierScale: number;
  /** Numbers of the users to judge on: each has entries in the holdout, and earlier ones where the model reads histories. */
  readonly judges: Int32Array;
  /** Whether the groups are baskets: then the first basket of the holdout is what has to be foreseen. */
  readonly hasBaskets: boolean;
}

/** Label groups with their candidates, as a worker gets them. */
export interface RankingData {
  readonly kind: 'ranking';
  /** Candidates of all groups, one after the other: an Arrow stream with the columns of `inputs`. */
  readonly rows: Uint8Array;
  readonly inputs: Fields;
  /** Where each group's rows begin, and where the last one's end. */
  readonly offsets: Int32Array;
  /** 1 for candidates that were chosen. One per row. */
  readonly label: Uint8Array;
  /** How many candidates a row stands for. One per row. */
  readonly weight: Float32Array;
  /** How many items were chosen in a group, also those that were no candidates. */
  readonly chosen: Int32Array;
  /** 1 for groups of the holdout, which hold all of their candidates. */
  readonly isHeldOut: Uint8Array;
}

/** A training set in a form that can be handed to another thread. */
export type TrainingData = InteractionData | RankingData;
