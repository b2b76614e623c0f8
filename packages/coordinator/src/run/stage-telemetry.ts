import { METRICS, MilongaError, measure } from '@milonga/core';
import type { StageAttributes } from '../plan/planned-stage.ts';
import type { Settled } from './outcome.ts';
import type { Run } from './run.ts';

/** Measures one attempt of a stage. */
export function recordStage(run: Run, attributes: StageAttributes, startedMs: number, settled: Settled<unknown>): void {
  const tookMs = run.binding.clock.monotonicMs() - startedMs;
  measure(
    METRICS.stageDuration,
    tookMs,
    settled.isOk ? attributes.ok : isLate(settled.error) ? attributes.late : attributes.failed,
  );
}

/** Measures how many candidates a stage left. */
export function recordCandidates(attributes: StageAttributes, remaining: number): void {
  measure(METRICS.stageCandidates, remaining, attributes.candidates);
}

const isLate = (error: unknown): boolean =>
  MilongaError.isInstance(error) && error.code === 'MILONGA_DEADLINE_EXCEEDED';
