import type { Window } from '../view/window.ts';

/** Expressions that an aggregate may use in SQL, all of one event. */
export interface SqlScope {
  /** The aggregated field. */
  readonly field: string;
  /** Event time, Unix ms. */
  readonly eventAt: string;
  /** Unix ms of the looked-up moment from which on the event is known. */
  readonly knownAt: string;
}

/**
 * How an aggregate is computed from the lake.
 *
 * The engine puts the events of an entity into groups that no looked-up moment can tell apart, and aggregates each; this
 * side walks through the groups of an entity in the order of the moments. So the work of the engine grows with events
 * plus moments, never with their product.
 */
export interface SqlAggregate {
  /** What a group is: the events of one tile, or those with one value of the field. */
  readonly per: 'tile' | 'value';
  /** Aggregate expressions, each a number. With `per: 'value'` the latest event time is given anyway. */
  readonly expressions: (scope: SqlScope) => readonly string[];
  /** True when a windowed value needs to know each group's tile. */
  readonly needsTile: boolean;
  readonly walk: (window: Window | undefined) => HistoryWalk;
}

/** One group of events, as the engine found it. */
export interface HistoryGroup {
  /** Index of its tile, in hops of the window; 0 where there is no window, or the aggregate needs no tile. */
  readonly tile: number;
  /** The results of `expressions`, in order. */
  readonly numbers: Float64Array;
  /** Event time of the newest event, Unix ms. */
  readonly newestAt: number;
  /** With `per: 'value'`: the value. */
  readonly value: string;
}

/** Follows one entity through time. */
export interface HistoryWalk {
  /** Begins another entity. */
  begin(): void;
  /** Takes a group that is known from `knownAt` on. Times never go back within an entity. */
  add(group: HistoryGroup, knownAt: number): void;
  /** The value at a moment, not before the last group was known. */
  valueAt(at: number): unknown;
}
