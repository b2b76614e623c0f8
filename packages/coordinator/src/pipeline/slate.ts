import type { CandidateExplanation } from '@milonga/core';

/** The answer of a pipeline. */
export interface Slate<out Item> {
  readonly requestId: string;
  /** Best first. */
  readonly items: readonly Item[];
  /** Names of the stages that were skipped, late or replaced by a fallback; empty when all is well. */
  readonly degraded: readonly string[];
  /** `model@version` of everything that took part. */
  readonly versions: readonly string[];
  /** Variant by experiment, of the experiments that the request met. */
  readonly experiments: Readonly<Record<string, string>>;
  /** Whether the ranking was computed for this request, came from the result cache, or from the fallback sources alone. */
  readonly origin: 'ranked' | 'cache' | 'fallback';
  /** Where every candidate came from and what became of it. Computed when asked for, from what the run left behind. */
  explain(): readonly CandidateExplanation[];
}
