import type { Fields } from '@milonga/core';
import { interactionModel } from '../interactions/interaction-model.ts';
import { requireNumber } from '../model/parameters.ts';
import type { TrainableModel } from '../model/trainable-model.ts';
import { resolveColumns, retrievalFields, scoringFields } from '../serving/columns.ts';
import { itemKnnAlgorithm, type ResolvedItemKnn } from './item-knn-algorithm.ts';
import type { ItemKnnOptions, ItemKnnParameters } from './item-knn-options.ts';

/**
 * Items that are chosen together with what the user chose: neighbours by co-occurrence, over users or over baskets.
 *
 * Users are known by the history that a request brings, so a purchase counts at once, and new users count. Scores items by
 * `history` and `id`; retrieves by `history`. Items and users that training did not see score 0.
 *
 * @example
 * ```ts
 * const bought = itemKnn('bought-together', {
 *   interactions: { from: purchase, user: 'customerId', item: 'stockCode', window: days(365) },
 *   parameters: { neighbours: 50, popularityAsymmetry: 0.4, shrinkage: 0.1 },
 *   every: days(30),
 *   gates: [floor({ metric: 'recall@20', atLeast: 0.02 }), regression({ metric: 'ndcg@20', tolerance: 0.2 })],
 * });
 * ```
 */
export function itemKnn<F extends Fields>(name: string, options: ItemKnnOptions<F>): TrainableModel {
  const columns = resolveColumns(options.columns);
  const parameters: ResolvedItemKnn = { ...resolveParameters(name, options.parameters ?? {}), columns };
  return interactionModel(name, options, {
    algorithm: itemKnnAlgorithm,
    inputs: scoringFields(columns),
    retrievalInputs: retrievalFields(columns),
    columns,
    parameters: { ...parameters },
    repeats: 'once',
  });
}

function resolveParameters(model: string, given: ItemKnnParameters): Omit<ResolvedItemKnn, 'columns'> {
  const { truncate = 'source', selfWeight = 0, historyHalfLife } = given;
  if (historyHalfLife !== undefined)
    requireNumber(model, 'historyHalfLife', historyHalfLife, { least: 0.01, most: 1e9 });
  return {
    truncate,
    historyHalfLife,
    neighbours: requireNumber(model, 'neighbours', given.neighbours ?? 50, { least: 1, most: 10_000, isInteger: true }),
    userDegreeExponent: requireNumber(model, 'userDegreeExponent', given.userDegreeExponent ?? 1, {
      least: 0,
      most: 4,
    }),
    popularityAsymmetry: requireNumber(model, 'popularityAsymmetry', given.popularityAsymmetry ?? 0.5, {
      least: 0,
      most: 1,
    }),
    shrinkage: requireNumber(model, 'shrinkage', given.shrinkage ?? 0, { least: 0, most: 1e9 }),
    historyLimit: requireNumber(model, 'historyLimit', given.historyLimit ?? 100, {
      least: 1,
      most: 100_000,
      isInteger: true,
    }),
    selfWeight: requireNumber(model, 'selfWeight', selfWeight, { least: 0, most: 1e9 }),
    retrieveHistory: given.retrieveHistory ?? selfWeight > 0,
  };
}
