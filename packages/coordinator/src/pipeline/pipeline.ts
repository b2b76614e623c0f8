import type { Clock, Logger, PipelineShape, Ports } from '@milonga/core';
import type { PipelineDescription } from '../describe/describe.ts';
import type { Slate } from './slate.ts';

/** How one request is run. */
export interface RunOptions {
  /** Time for the whole request. Default: the pipeline's. */
  readonly budgetMs?: number;
  /** Ends the run with `MILONGA_ABORTED`; stages see it through their own signal. */
  readonly signal?: AbortSignal;
  /** Default: a random UUID. */
  readonly requestId?: string;
}

/** What a pipeline works with besides the ports of its stages. */
export interface BindOptions {
  /** Default: the `Clock` among the ports, else the system's. */
  readonly clock?: Clock;
  /** Default: the `Logger` among the ports, else silent. */
  readonly log?: Logger;
}

/** A pipeline with its ports: ready to answer. */
export interface BoundPipeline<in Input, out Item> {
  readonly name: string;
  /**
   * Answers one request.
   *
   * @throws MilongaError `MILONGA_REQUEST_INVALID`, `MILONGA_PIPELINE_OVERLOADED`, `MILONGA_ABORTED`, and
   * `MILONGA_PIPELINE_STAGE_FAILED` when a stage failed that may not be skipped and no fallback source could help.
   */
  run(input: Input, options?: RunOptions): Promise<Slate<Item>>;
  /** Waits until the side effects of all answers so far are done. */
  drain(): Promise<void>;
}

/** A complete pipeline: a plain value, which knows no container and holds no state. */
export interface Pipeline<in Input, out Item> extends PipelineShape {
  /**
   * Gives it the ports that its stages need.
   *
   * @throws MilongaError `MILONGA_WIRING_PORT_MISSING` when one is missing.
   */
  bind(ports: Ports, options?: BindOptions): BoundPipeline<Input, Item>;
  /** The pipeline as data. */
  describe(): PipelineDescription;
  /** The pipeline as a Mermaid flowchart. */
  toMermaid(): string;
}
