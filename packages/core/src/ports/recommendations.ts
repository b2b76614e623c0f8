import { type Port, port } from './port.ts';

/** How one request may be run. */
export interface RecommendOptions {
  /** Time for the whole request. Default: the pipeline's. */
  readonly budgetMs?: number;
  readonly signal?: AbortSignal;
  /** Adds, for every candidate, where it came from and which stage dropped it. Default: false. */
  readonly explain?: boolean;
}

/** Why a candidate is, or is not, in a slate. */
export interface CandidateExplanation {
  readonly id: string;
  readonly sources: readonly string[];
  /** The stage that dropped it; `undefined` for those in the slate. */
  readonly droppedBy: string | undefined;
  readonly scores: Readonly<Record<string, number>>;
}

/** An answered request. */
export interface Recommendation {
  readonly requestId: string;
  readonly pipeline: string;
  readonly items: readonly Readonly<Record<string, unknown>>[];
  /** Stages that were skipped, late or replaced by a fallback; empty when all is well. */
  readonly degraded: readonly string[];
  /** `model@version` of everything that scored. */
  readonly versions: readonly string[];
  readonly experiments: Readonly<Record<string, string>>;
  readonly explanations?: readonly CandidateExplanation[];
}

/**
 * Answers requests with the pipelines of the recommender, in process. `POST /v1/recommend/:pipeline` is the same thing
 * over HTTP.
 *
 * Rejects with `MILONGA_PIPELINE_UNKNOWN`, `MILONGA_REQUEST_INVALID`, `MILONGA_PIPELINE_OVERLOADED`,
 * `MILONGA_PIPELINE_STAGE_FAILED`; anything else that can fail on the way is an entry in `degraded`.
 */
export interface Recommendations {
  recommend(pipeline: string, input: unknown, options?: RecommendOptions): Promise<Recommendation>;
}
export const Recommendations: Port<Recommendations> = port<Recommendations>('recommendations/1');
