/** One stage of a pipeline as data. */
export interface StageDescription {
  readonly name: string;
  /** Names and types of the columns that it adds, such as `float64`; empty for those that add none. */
  readonly columns: Readonly<Record<string, string>>;
  readonly timeoutMs: number | undefined;
  readonly onFailure: 'skip' | 'fail' | 'fallback value';
  /** Ids of the ports that it uses. */
  readonly needs: readonly string[];
  /** The experiment that varies it, and its name in each variant. */
  readonly experiment: { readonly name: string; readonly stages: Readonly<Record<string, string>> } | undefined;
}

/** What stages of one call do. */
export type StepKind = 'query' | 'sources' | 'fallback' | 'hydrate' | 'filter' | 'score' | 'select' | 'sideEffects';

/** The stages of one call: parallel for `query`, `sources`, `fallback` and `hydrate`, one after the other for the rest. */
export interface StepDescription {
  readonly kind: StepKind;
  readonly stages: readonly StageDescription[];
}

/** A pipeline as data: for documents, dashboards and reviews. */
export interface PipelineDescription {
  readonly name: string;
  /** JSON Schema of a request. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly budgetMs: number;
  readonly reserveMs: number;
  readonly cache: { readonly ttlMs: number; readonly maxEntries: number } | undefined;
  readonly steps: readonly StepDescription[];
  /** Names of the fields of an item. */
  readonly returns: readonly string[];
}
