import type { Candidates } from './candidates.ts';
import type { Stage } from './stage.ts';

/** Chooses the slate, or narrows and reorders what an earlier selector chose. */
export interface Selector<in Query, in Item> extends Stage<Query> {
  /** Positions of the chosen candidates, best first, none twice. */
  readonly select: (candidates: Candidates<Item>, query: Query) => Int32Array;
  /** How many items the slate should have; fewer make the pipeline ask its fallback sources. Default: 1. */
  readonly wanted?: (query: Query) => number;
}

/** A selector that can give any number of candidates in order, so that others can build on it, such as `diversify`. */
export interface Ranking<in Query, in Item> extends Selector<Query, Item> {
  readonly wanted: (query: Query) => number;
  /** What it ranks by; higher is better, NaN and infinities sink. */
  readonly keys: (candidates: Candidates<Item>, query: Query) => Float64Array;
  /** The best `count` positions, best first. */
  readonly rank: (candidates: Candidates<Item>, query: Query, count: number) => Int32Array;
}
