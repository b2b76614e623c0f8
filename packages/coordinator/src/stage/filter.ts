import type { Candidates } from './candidates.ts';
import type { FailurePolicy, Stage } from './stage.ts';

/**
 * Takes candidates out. A filter is an invariant: it holds for the slate, for what a fallback or a refill adds, and for
 * slates out of the cache. Where it cannot be evaluated, candidates are dropped.
 */
export interface Filter<in Query, in Item> extends Stage<Query> {
  /** 1 keeps, 0 drops; one byte per candidate, in order. Synchronous: read what it needs in a hydrator. */
  readonly mask: (candidates: Candidates<Item>, query: Query) => Uint8Array;
  /** Default: 'fail'. 'skip' lets every candidate pass when the filter throws: only for filters of taste, not of safety. */
  readonly onFailure?: FailurePolicy;
}
