import type { Fields } from '@milonga/core';
import { interactionModel } from '../interactions/interaction-model.ts';
import { requireNumber } from '../model/parameters.ts';
import type { TrainableModel } from '../model/trainable-model.ts';
import { resolveColumns, retrievalFields, scoringFields } from '../serving/columns.ts';
import { alsAlgorithm, type ResolvedAls } from './als-algorithm.ts';
import type { AlsOptions, AlsParameters } from './als-options.ts';

/**
 * Vectors of users and items by implicit matrix factorisation (Hu, Koren and Volinsky, 2008): finds items that go with a
 * user's taste though nobody bought the two together.
 *
 * A version holds the vectors of items; a user's is computed from the history that a request brings, so a purchase counts
 * at once, and new users count. Scores items by `history` and `id`; retrieves by `history`, over all items. Items and users
 * that training did not see score 0.
 *
 * @example
 * ```ts
 * const taste = als('taste', {
 *   interactions: { from: purchase, user: 'customerId', item: 'stockCode', halfLife: days(120) },
 *   parameters: { factors: 32, regularisation: 0.3, regularisationExponent: 1, alpha: 2, iterations: 4 },
 *   every: days(30),
 * });
 * ```
 */
export function als<F extends Fields>(name: string, options: AlsOptions<F>): TrainableModel {
  const columns = resolveColumns(options.columns);
  const parameters: ResolvedAls = { ...resolveParameters(name, options.parameters ?? {}), columns };
  return interactionModel(name, options, {
    algorithm: alsAlgorithm,
    inputs: scoringFields(columns),
    retrievalInputs: retrievalFields(columns),
    columns,
    parameters: { ...parameters },
    repeats: 'counted',
  });
}

function resolveParameters(model: string, given: AlsParameters): Omit<ResolvedAls, 'columns'> {
  const { conjugateGradientSteps = 3, seed = 1, retrieveHistory = false } = given;
  return {
    retrieveHistory,
    factors: requireNumber(model, 'factors', given.factors ?? 64, { least: 1, most: 1_024, isInteger: true }),
    regularisation: requireNumber(model, 'regularisation', given.regularisation ?? 0.1, { least: 1e-9, most: 1e9 }),
    regularisationExponent: requireNumber(model, 'regularisationExponent', given.regularisationExponent ?? 0, {
      least: 0,
      most: 2,
    }),
    alpha: requireNumber(model, 'alpha', given.alpha ?? 10, { least: 1e-9, most: 1e9 }),
    iterations: requireNumber(model, 'iterations', given.iterations ?? 10, { least: 1, most: 1_000, isInteger: true }),
    conjugateGradientSteps: requireNumber(model, 'conjugateGradientSteps', conjugateGradientSteps, {
      least: 0,
      most: 100,
      isInteger: true,
    }),
    seed: requireNumber(model, 'seed', seed, { least: 0, most: 4_294_967_295, isInteger: true }),
    historyLimit: requireNumber(model, 'historyLimit', given.historyLimit ?? 500, {
      least: 1,
      most: 100_000,
      isInteger: true,
    }),
  };
}
