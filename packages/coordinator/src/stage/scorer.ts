import type { Candidates } from './candidates.ts';
import type { Awaitable, FailurePolicy, Stage, StageContext } from './stage.ts';

/** Adds score columns. */
export interface Scorer<in Query, in Item, Name extends string> extends Stage<Query> {
  /** Names of the columns that it adds. */
  readonly scores: readonly Name[];
  /** One number per candidate and column, in order. NaN and infinities sink to the end of every ranking. */
  readonly score: (
    candidates: Candidates<Item>,
    query: Query,
    context: StageContext,
  ) => Awaitable<Readonly<Record<NoInfer<Name>, Float64Array>>>;
  /** Default: 'fail'. 'skip' leaves NaN, which sinks. */
  readonly onFailure?: FailurePolicy;
}
