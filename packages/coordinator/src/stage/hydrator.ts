import type { Fields, Frame, Row } from '@milonga/core';
import type { Candidates } from './candidates.ts';
import type { Awaitable, FailurePolicy, Stage, StageContext } from './stage.ts';

interface HydratorBase<in Query, in Item, F extends Fields> extends Stage<Query> {
  readonly columns: F;
  /** A frame, or rows where `undefined` means missing; one per candidate, in order. */
  readonly hydrate: (
    candidates: Candidates<Item>,
    query: Query,
    context: StageContext,
  ) => Awaitable<Frame<NoInfer<F>> | readonly (Row<NoInfer<F>> | undefined)[]>;
}

/** Without a value to use instead, a failed hydrator cannot be skipped: the row type would be a lie. */
export interface StrictHydrator<in Query, in Item, F extends Fields> extends HydratorBase<Query, Item, F> {
  /** `drop` takes candidates without a row out; `fail` fails the stage. */
  readonly onMissing: 'drop' | 'fail';
  readonly onFailure?: 'fail';
}

/** Knows what to use where nothing was found, and so may be skipped. */
export interface LenientHydrator<in Query, in Item, F extends Fields> extends HydratorBase<Query, Item, F> {
  readonly onMissing: { readonly use: Row<NoInfer<F>> };
  /** Default: 'fail'. */
  readonly onFailure?: FailurePolicy;
}

/** Adds columns to the candidates. */
export type Hydrator<Query, Item, F extends Fields> = StrictHydrator<Query, Item, F> | LenientHydrator<Query, Item, F>;
