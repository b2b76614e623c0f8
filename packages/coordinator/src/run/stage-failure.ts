import { MilongaError, messageOf } from '@milonga/core';

/** A request ended, or a path through the pipeline did, because a stage failed that may not be skipped. */
export class StageFailedError extends MilongaError {
  readonly stage: string;

  constructor(pipeline: string, stage: string, cause: unknown) {
    super('MILONGA_PIPELINE_STAGE_FAILED', `Stage "${stage}" of pipeline "${pipeline}" failed: ${messageOf(cause)}`, {
      cause,
      isRetryable: MilongaError.isInstance(cause) && cause.isRetryable,
    });
    this.stage = stage;
  }
}

export const stageFailed = (pipeline: string, stage: string, cause: unknown): StageFailedError =>
  new StageFailedError(pipeline, stage, cause);

/** The error of a stage that did not return what it must. */
export const stageShape = (stage: string, what: string): MilongaError =>
  new MilongaError('MILONGA_FRAME_SHAPE', `Stage "${stage}" ${what}.`);

/** @throws MilongaError `MILONGA_FRAME_SHAPE` unless there is exactly one result per candidate. */
export function expectLength(stage: string, found: number, candidates: number): void {
  if (found !== candidates) {
    throw stageShape(
      stage,
      `returned ${found} results for ${candidates} candidates; it must return exactly one per candidate, in order`,
    );
  }
}
