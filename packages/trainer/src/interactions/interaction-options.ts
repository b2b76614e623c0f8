import type { Duration, EventDefinition, Fields } from '@milonga/core';

/** Names of the string fields of an event. */
export type StringField<F extends Fields> = {
  [Name in keyof F]: F[Name]['kind'] extends 'string' ? Name : never;
}[keyof F] &
  string;

/** The fields of an event as quoted SQL identifiers, to write a condition with. */
export type SqlFields<F extends Fields> = { readonly [Name in keyof F]: string };

/** Which events are interactions of users with items. */
export interface InteractionOptions<F extends Fields = Fields> {
  readonly from: EventDefinition<F>;
  readonly user: StringField<F>;
  readonly item: StringField<F>;
  /**
   * A field whose value holds together what was chosen together, such as an invoice or a session. Item-kNN then counts
   * items as neighbours that share a basket, not those that share a user. Default: the user.
   */
  readonly basket?: StringField<F>;
  /**
   * Condition of SQL on the fields; they come as quoted identifiers of the lake's engine.
   *
   * @example `({ quantity }) => `${quantity} > 0``
   */
  readonly where?: (fields: SqlFields<F>) => string;
  /** Only events of this length of time before the run count. Default: all. */
  readonly window?: Duration;
  /** The weight of an event, 1 when it happens, halves with each such time of age. Default: no decay. */
  readonly halfLife?: Duration;
  /**
   * What repeated events of a user with an item weigh: the latest alone (`once`), or all added up (`counted`). Default:
   * `once`; for `als` `counted`.
   */
  readonly repeats?: 'once' | 'counted';
}

/** Columns of the frames that a model of interactions is asked with. */
export interface InteractionColumns {
  /** Id of the item to score, a string. Default: `id`, which every candidate has. */
  readonly item?: string;
  /** Ids of the items of the user so far, the latest first: a list of strings. Default: `history`. */
  readonly history?: string;
  /** What each item of the history weighs: a list of float64, as long as the history. Default: none; each weighs 1. */
  readonly weights?: string;
}
