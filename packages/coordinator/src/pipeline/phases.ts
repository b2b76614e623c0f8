import type { CandidateFields, Fields, Merged, PipelineShape, Row } from '@milonga/core';
import type { Filter } from '../stage/filter.ts';
import type { Hydrator } from '../stage/hydrator.ts';
import type { QueryHydrator } from '../stage/query-hydrator.ts';
import type { Scorer } from '../stage/scorer.ts';
import type { Selector } from '../stage/selector.ts';
import type { SideEffect } from '../stage/side-effect.ts';
import type { Source } from '../stage/source.ts';
import type { FitsBeside, NoRepeat, Stacked, Together } from './accumulate.ts';
import type { Pipeline } from './pipeline.ts';

// Up to six stages of a call have a type parameter each, because only then does the compiler know the item and the query
// inside a stage that is made by a function, as in `hydrate(compute('ratio', columns, (item, query) => …))`. Stages beyond
// the sixth are inferred together, which is as good for stages written out as objects.

type MoreQueryHydrators<Query, More> = { readonly [At in keyof More]: QueryHydrator<Query, More[At] & object> };
type MoreSources<Query, More extends readonly CandidateFields[]> = {
  readonly [At in keyof More]: Source<Query, More[At]>;
};
type FittingSource<Query, Item, F extends CandidateFields> = Source<Query, F> & FitsBeside<Item, Row<F>>;
type MoreFittingSources<Query, Item, More extends readonly CandidateFields[]> = {
  readonly [At in keyof More]: FittingSource<Query, Item, More[At]>;
};
type NewHydrator<Query, Item, F extends Fields> = Hydrator<Query, Item, F> & NoRepeat<keyof F & keyof Item>;
type MoreHydrators<Query, Item, More extends readonly Fields[]> = {
  readonly [At in keyof More]: NewHydrator<Query, Item, More[At]>;
};

/** A pipeline that knows its query so far, and no candidates yet. */
export interface QueryPhase<in Input, Query> {
  /** Adds typed fields to the query. Stages of one call run in parallel; a later call sees what an earlier one added. */
  query<
    A extends object,
    B extends object = never,
    C extends object = never,
    D extends object = never,
    E extends object = never,
    F extends object = never,
    More extends readonly object[] = [],
  >(
    a: QueryHydrator<Query, A>,
    b?: QueryHydrator<Query, B>,
    c?: QueryHydrator<Query, C>,
    d?: QueryHydrator<Query, D>,
    e?: QueryHydrator<Query, E>,
    f?: QueryHydrator<Query, F>,
    ...more: MoreQueryHydrators<Query, More>
  ): QueryPhase<Input, Merged<Query, Together<A | B | C | D | E | F | More[number]>>>;
  /** Fetches candidates in parallel, merges them by id, and remembers which source named which. */
  sources<
    A extends CandidateFields,
    B extends CandidateFields = never,
    C extends CandidateFields = never,
    D extends CandidateFields = never,
    E extends CandidateFields = never,
    F extends CandidateFields = never,
    More extends readonly CandidateFields[] = [],
  >(
    a: Source<Query, A>,
    b?: Source<Query, B>,
    c?: Source<Query, C>,
    d?: Source<Query, D>,
    e?: Source<Query, E>,
    f?: Source<Query, F>,
    ...more: MoreSources<Query, More>
  ): SourcedPhase<Input, Query, Stacked<Row<A | B | C | D | E | F | More[number]>>>;
}

/** A pipeline that has candidates. */
export interface CandidatePhase<in Input, Query, Item> {
  /** Adds columns. Stages of one call run in parallel; a later call sees what an earlier one added. */
  hydrate<
    A extends Fields,
    B extends Fields = never,
    C extends Fields = never,
    D extends Fields = never,
    E extends Fields = never,
    F extends Fields = never,
    More extends readonly Fields[] = [],
  >(
    a: NewHydrator<Query, Item, A>,
    b?: NewHydrator<Query, Item, B>,
    c?: NewHydrator<Query, Item, C>,
    d?: NewHydrator<Query, Item, D>,
    e?: NewHydrator<Query, Item, E>,
    f?: NewHydrator<Query, Item, F>,
    ...more: MoreHydrators<Query, Item, More>
  ): CandidatePhase<Input, Query, Merged<Item, Together<Row<A | B | C | D | E | F | More[number]>>>>;
  /** Takes candidates out, one filter after the other. Filters hold on every path: fallback, refill and cache included. */
  filter(...filters: readonly Filter<Query, Item>[]): CandidatePhase<Input, Query, Item>;
  /** Adds score columns. */
  score<Name extends string>(
    scorer: Scorer<Query, Item, Name>,
  ): CandidatePhase<Input, Query, Merged<Item, Readonly<Record<Name, number>>>>;
  /** Chooses the slate; each selector works on what the one before chose. */
  select(...selectors: readonly [Selector<Query, Item>, ...Selector<Query, Item>[]]): SelectedPhase<Input, Query, Item>;
}

/** A pipeline that has just got its candidates, and may say where to get others when these do not suffice. */
export interface SourcedPhase<in Input, Query, Item> extends CandidatePhase<Input, Query, Item> {
  /**
   * Sources to ask when fewer candidates than wanted are left after the filters, or when a stage failed that may not be
   * skipped. Their candidates go through the same hydrators and filters and follow in their order, without a score.
   * Columns that cannot be hydrated then are null in the answer, and a filter that reads one drops the candidate.
   */
  fallback<
    A extends CandidateFields,
    B extends CandidateFields = never,
    C extends CandidateFields = never,
    More extends readonly CandidateFields[] = [],
  >(
    a: FittingSource<Query, Item, A>,
    b?: FittingSource<Query, Item, B>,
    c?: FittingSource<Query, Item, C>,
    ...more: MoreFittingSources<Query, Item, More>
  ): CandidatePhase<Input, Query, Item>;
}

/** A pipeline that is complete. */
export interface SelectedPhase<in Input, Query, Item> extends Pipeline<Input, Item>, PipelineShape {
  /** Only these fields become objects; with many feature columns this is most of the cost of the edge. */
  returning<const Name extends keyof Item & string>(
    ...names: readonly Name[]
  ): SelectedPhase<Input, Query, Pick<Item, Name>>;
  /** What to do after the answer. */
  sideEffects(...effects: readonly SideEffect<Query, Item>[]): SelectedPhase<Input, Query, Item>;
}
