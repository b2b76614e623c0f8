import { createHash } from 'node:crypto';
import { type Fields, fingerprint, MilongaError, type Part } from '@milonga/core';
import { trainRole } from '../job/train-role.ts';
import { trainerAdapter } from '../job/trainer-adapter.ts';
import type { Algorithm } from './algorithm.ts';
import { requireNumber } from './parameters.ts';
import type { TrainableModel, Training } from './trainable-model.ts';
import type { TrainingOptions } from './training-options.ts';

/** What a definition adds to the options that all models share. */
export interface ModelSpecifics
  extends Pick<Training, 'columns' | 'parameters' | 'needs' | 'firstEventAt' | 'prepare'> {
  readonly algorithm: Algorithm;
  readonly inputs: Fields;
  /** Absent for models that only score. */
  readonly retrievalInputs?: Fields;
  /** Whatever else decides what a version means, besides its inputs: the same text, the same meaning. */
  readonly meaning: string;
}

const OUTPUTS: readonly string[] = ['score'];

/** Puts a model together. @throws MilongaError `MILONGA_DEFINITION_INVALID` for a bad name or option. */
export function defineModel(name: string, options: TrainingOptions, specifics: ModelSpecifics): TrainableModel {
  if (!/^[a-z][a-z0-9-]*$/.test(name))
    throw new MilongaError(
      'MILONGA_DEFINITION_INVALID',
      `Model "${name}" cannot be defined: its name must match [a-z][a-z0-9-]*.`,
    );
  const { algorithm, inputs, retrievalInputs, meaning } = specifics;
  const training = trainingOf(name, options, specifics);
  const part: Part = {
    roles: [trainRole],
    // When the recommender is defined, every pipeline is; now, the one that a ranker learns from may not be.
    get adapters() {
      return [trainerAdapter(model)];
    },
  };
  const model: TrainableModel = Object.freeze(
    Object.defineProperties(
      {
        kind: 'model' as const,
        name,
        algorithm: algorithm.name,
        inputs,
        outputs: OUTPUTS,
        canRetrieve: retrievalInputs !== undefined,
        ...(retrievalInputs === undefined ? {} : { retrievalInputs }),
        runtime: algorithm.runtime,
        fingerprint: createHash('sha256')
          .update(JSON.stringify([algorithm.runtime.name, fingerprint(inputs), OUTPUTS, meaning]))
          .digest('hex')
          .slice(0, 16),
        training,
      },
      Object.getOwnPropertyDescriptors(part),
    ) as TrainableModel,
  );
  return model;
}

const MOST_MS = 100 * 365 * 86_400_000;
const WEEK_MS = 7 * 86_400_000;

function trainingOf(name: string, options: TrainingOptions, specifics: ModelSpecifics): Training {
  const {
    every,
    startAt,
    startAfter = every,
    delay,
    minimumRows = 100,
    holdout,
    refit = true,
    cutoffs = [20],
    gates = [],
    keep = 5,
    after = [],
  } = options;
  requireNumber(name, 'every (in ms)', every.ms, { least: 1_000, most: MOST_MS });
  requireNumber(name, 'minimumRows', minimumRows, { least: 1, most: 1e12 });
  requireNumber(name, 'keep', keep, { least: 1, most: 10_000, isInteger: true });
  for (const cutoff of cutoffs) requireNumber(name, 'cutoffs', cutoff, { least: 1, most: 10_000, isInteger: true });
  if (startAt !== undefined) requireNumber(name, 'startAt', startAt, { least: 0, most: 8.64e15 });
  const holdoutMs = requireNumber(name, 'holdout (in ms)', holdout?.ms ?? Math.min(WEEK_MS, every.ms), {
    least: 1,
    most: MOST_MS,
  });
  return {
    schedule: { everyMs: every.ms, startAt, startAfterMs: startAfter.ms, delayMs: delay?.ms ?? 0 },
    minimumRows,
    holdoutMs,
    refit,
    cutoffs,
    gates,
    keep,
    after: after.map((model) => model.name),
    columns: specifics.columns,
    parameters: specifics.parameters,
    needs: specifics.needs,
    firstEventAt: specifics.firstEventAt,
    prepare: specifics.prepare,
  };
}
