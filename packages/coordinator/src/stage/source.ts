import type { CandidateFields, Frame, Row } from '@milonga/core';
import type { Awaitable, FailurePolicy, Stage, StageContext } from './stage.ts';

/** Proposes candidates. */
export interface Source<in Query, F extends CandidateFields> extends Stage<Query> {
  readonly columns: F;
  /** A frame, or rows. An id may come twice; the first one counts. What is returned must not change afterwards. */
  readonly fetch: (query: Query, context: StageContext) => Awaitable<Frame<NoInfer<F>> | readonly Row<NoInfer<F>>[]>;
  /** Default: 'skip'; the other sources carry the request, and the answer says which one was missing. */
  readonly onFailure?: FailurePolicy;
}
