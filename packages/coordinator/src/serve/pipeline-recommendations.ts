import { MilongaError, type Recommendation, type Recommendations, type RecommendOptions } from '@milonga/core';
import type { PipelineDescription } from '../describe/describe.ts';
import type { BoundPipeline } from '../pipeline/pipeline.ts';

/** A pipeline at work, and what it says of itself. */
export interface BoundAndDescribed {
  readonly bound: BoundPipeline<object, object>;
  readonly description: PipelineDescription;
}

/** Answers `Recommendations` with pipelines of this process. */
export class PipelineRecommendations implements Recommendations {
  readonly #pipelines: ReadonlyMap<string, BoundAndDescribed>;

  constructor(pipelines: readonly BoundAndDescribed[]) {
    this.#pipelines = new Map(pipelines.map((one) => [one.bound.name, one]));
  }

  async recommend(pipeline: string, input: unknown, options: RecommendOptions = {}): Promise<Recommendation> {
    const found = this.#pipelines.get(pipeline);
    if (found === undefined) throw this.unknown(pipeline);
    const { explain = false, ...runOptions } = options;
    const slate = await found.bound.run(input as object, runOptions);
    const { requestId, items, degraded, versions, experiments } = slate;
    const answer = { requestId, pipeline, items: items as Recommendation['items'], degraded, versions, experiments };
    return explain ? { ...answer, explanations: slate.explain() } : answer;
  }

  get descriptions(): readonly PipelineDescription[] {
    return [...this.#pipelines.values()].map(({ description }) => description);
  }

  unknown(pipeline: string): MilongaError {
    return new MilongaError(
      'MILONGA_PIPELINE_UNKNOWN',
      `There is no pipeline "${pipeline.slice(0, 80)}". Defined: ${[...this.#pipelines.keys()].join(', ') || 'none'}.`,
    );
  }

  async drain(): Promise<void> {
    await Promise.all([...this.#pipelines.values()].map(({ bound }) => bound.drain()));
  }
}
