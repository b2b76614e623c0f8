import type { Duration, Fields, Row } from '@milonga/core';

/** What callers may leave out, because it has a default. */
export type RequestOf<F extends Fields, Defaulted extends keyof F> = {
  readonly [Name in Exclude<keyof F, Defaulted>]: Row<F>[Name & keyof Row<F>];
} & { readonly [Name in Defaulted]?: Row<F>[Name & keyof Row<F>] };

/** The smallest and largest value of a number, or the fewest and most characters or elements; both inclusive. */
export type Range = readonly [least: number, most: number];

/** Answers that are kept for a while. */
export interface CacheOptions<in Input> {
  /** How long a slate may be served. It passes the filters, with fresh features, whenever it is. */
  readonly ttl: Duration;
  /** Most slates kept; the least recently used goes first. Default: 10,000. */
  readonly maxEntries?: number;
  /** What requests must share to share a slate; variants of experiments are always part of it. Default: the whole input. */
  readonly key?: (input: Input) => string;
}

/** How a pipeline is asked and what it may spend. */
export interface PipelineOptions<F extends Fields, Defaulted extends keyof F & string> {
  /** Fields of a request. They are validated at the border, over HTTP and in process, and are the query to begin with. */
  readonly input: F;
  /** Values of fields that a request may leave out. Default: none. */
  readonly defaults?: { readonly [Name in Defaulted]: Row<F>[Name & keyof Row<F>] };
  /** Ranges of fields. Default: strings up to 256 characters, lists up to 1,000 elements, and a field named `limit` from 1 to 1,000. */
  readonly ranges?: { readonly [Name in keyof F]?: Range };
  /** The field that says whom a request is for: the unit of predictions and experiments. Default: the first field. */
  readonly unit?: keyof F & string;
  /** Time for one request. Default: 200 ms. A request may ask for less, or for more up to ten times this. */
  readonly budgetMs?: number;
  /** Part of the budget that is kept for the fallback sources. Never more than half of what a request asks for. Default: a quarter of the budget with, 0 without them. */
  readonly reserveMs?: number;
  /** Serves slates again, and shares the run of requests that are identical and in flight. Default: off. */
  readonly cache?: CacheOptions<Row<F>>;
  /** Requests at work at once. Default: 64. */
  readonly maxInFlight?: number;
  /** Requests that wait for their turn; more are refused with `MILONGA_PIPELINE_OVERLOADED`. Default: 256. */
  readonly maxWaiting?: number;
  /** Side effects that wait after the answer; more are dropped, counted and logged. Default: 10,000. */
  readonly maxSideEffects?: number;
}
