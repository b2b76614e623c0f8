import { METRICS, MilongaError, measure } from '@milonga/core';
import type { Settled } from './outcome.ts';
import type { Run } from './run.ts';

/** Measures one attempt of a stage. */
export function recordStage(run: Run, stage: string, startedMs: number, settled: Settled<unknown>): void {
  const { pipeline } = run.start;
  const outcome = settled.isOk ? 'ok' : isLate(settled.error) ? 'late' : 'failed';
  measure(METRICS.stageDuration, run.binding.clock.monotonicMs() - startedMs, { pipeline, stage, outcome });
}

/** Measures how many candidates a stage left. */
export function recordCandidates(run: Run, stage: string, remaining: number): void {
  measure(METRICS.stageCandidates, remaining, { pipeline: run.start.pipeline, stage });
}

const isLate = (error: unknown): boolean =>
  MilongaError.isInstance(error) && error.code === 'MILONGA_DEADLINE_EXCEEDED';
