import type { Fields, Ports } from '@milonga/core';

/** What a stage is told about the request that it works for. */
export interface StageContext {
  readonly requestId: string;
  /** The moment that the request is answered for, Unix ms: now, or a moment of the past in training sets. */
  readonly now: number;
  /** Milliseconds until this stage is abandoned; `Infinity` when there is no deadline. */
  remainingMs(): number;
  /** Aborts when the stage is abandoned or the caller has gone. A stage that ignores it is left behind, never awaited. */
  readonly signal: AbortSignal;
  /** Holds the ports of the stage's `needs`. */
  readonly ports: Ports;
  /** Types of the query's fields, as far as the input and the query hydrators declare them. */
  readonly queryFields: Fields;
  /** Notes that a model version took part, for `versions` in the answer. */
  usedModel(model: string, version: string): void;
}
