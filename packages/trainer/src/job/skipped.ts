import type { TrainingOutcome } from '@milonga/core';
import type { TrainableModel } from '../model/trainable-model.ts';

/** The outcome of a run that made no version. */
export const skipped = (
  { name, algorithm }: TrainableModel,
  until: number,
  reason: string,
  outcome: 'skipped' | 'busy' = 'skipped',
): TrainingOutcome => ({
  model: name,
  algorithm,
  version: undefined,
  outcome,
  reason,
  dataFrom: until,
  dataUntil: until,
  rows: 0,
  trainMs: 0,
  phasesMs: {},
  bytes: 0,
  metrics: {},
  gates: [],
});
