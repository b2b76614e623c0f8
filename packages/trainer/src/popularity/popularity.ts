import { type Fields, string } from '@milonga/core';
import { interactionModel } from '../interactions/interaction-model.ts';
import { requireNumber } from '../model/parameters.ts';
import type { TrainableModel } from '../model/trainable-model.ts';
import { popularityAlgorithm, type ResolvedPopularity } from './popularity-algorithm.ts';
import type { PopularityOptions } from './popularity-options.ts';

/**
 * What most users chose: the number of distinct users of each item within `interactions.window`; with `halfLife`, what is
 * on the rise. The honest baseline, and the source for users of whom nothing is known.
 *
 * Scores items by id; retrieves the top of the list for every row alike. An unknown item scores 0. A new version comes as
 * often as it is trained; popularity of this minute is a feature view's job.
 *
 * @example
 * ```ts
 * const popular = popularity('popular', {
 *   interactions: { from: purchase, user: 'customerId', item: 'stockCode', window: days(30) },
 *   every: days(1),
 * });
 * ```
 */
export function popularity<F extends Fields>(name: string, options: PopularityOptions<F>): TrainableModel {
  const { itemColumn = 'id' } = options;
  const items = requireNumber(name, 'items', options.parameters?.items ?? 10_000, {
    least: 1,
    most: 1e7,
    isInteger: true,
  });
  const parameters: ResolvedPopularity = { items, itemColumn };
  return interactionModel(name, options, {
    algorithm: popularityAlgorithm,
    inputs: { [itemColumn]: string() },
    retrievalInputs: {},
    columns: undefined,
    parameters: { ...parameters },
    repeats: 'once',
  });
}
