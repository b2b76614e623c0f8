import type { PipelineShape, Ports } from '@milonga/core';
import type { Experiment } from '../experiment/experiment.ts';
import type { BindOptions, BoundPipeline, Pipeline } from '../pipeline/pipeline.ts';

/** A pipeline as far as serving it goes. */
export interface ServedPipeline extends PipelineShape, Pick<Pipeline<never, object>, 'describe' | 'toMermaid'> {
  readonly experiments: readonly Experiment[];
  bind(ports: Ports, options?: BindOptions): BoundPipeline<object, object>;
}
