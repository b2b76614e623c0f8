import type { CandidateFields, Fields } from '@milonga/core';
import type { Filter } from '../stage/filter.ts';
import type { Hydrator } from '../stage/hydrator.ts';
import type { QueryHydrator } from '../stage/query-hydrator.ts';
import type { Scorer } from '../stage/scorer.ts';
import type { Selector } from '../stage/selector.ts';
import type { SideEffect } from '../stage/side-effect.ts';
import type { Source } from '../stage/source.ts';
import type { FailurePolicy, Stage } from '../stage/stage.ts';

// Inside, a query is a record and an item an object; the phases keep what users see exact.

export type Query = Readonly<Record<string, unknown>>;
export type Item = object;

/** What the runner may find on any stage. */
export interface AnyStage extends Stage<Query> {
  readonly onFailure?: FailurePolicy;
}

export type AnyQueryHydrator = QueryHydrator<Query, object>;
export type AnySource = Source<Query, CandidateFields>;
export type AnyHydrator = Hydrator<Query, Item, Fields>;
export type AnyFilter = Filter<Query, Item>;
export type AnyScorer = Scorer<Query, Item, string>;
export type AnySelector = Selector<Query, Item>;
export type AnySideEffect = SideEffect<Query, Item>;
