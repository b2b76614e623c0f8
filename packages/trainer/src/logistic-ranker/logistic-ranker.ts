import {
  type Duration,
  days,
  FeatureReader,
  type Fields,
  HistoricalFeatureReader,
  Lake,
  MilongaError,
  type ValueType,
} from '@milonga/core';
import type { AnyPort } from '@milonga/core/app';
import { firstEventAt } from '../interactions/first-event.ts';
import { readRankingSet } from '../labels/read-ranking-set.ts';
import { defineModel } from '../model/define-model.ts';
import { requireNumber } from '../model/parameters.ts';
import type { TrainableModel } from '../model/trainable-model.ts';
import type { RankerFeature } from './feature.ts';
import { logisticRankerAlgorithm, type ResolvedRanker } from './logistic-ranker-algorithm.ts';
import type { LogisticRankerOptions, SampleOptions } from './logistic-ranker-options.ts';

/**
 * A linear ranker over columns of the candidates, trained on what was known at the moment of each label: for every sampled
 * label group, the serving pipeline itself is run as of just before it, up to the ranker's own stage. Features are described
 * once, so they cannot differ between training and serving; models that serve as features answer with the version that was
 * live then.
 *
 * What it learns is readable JSON: one weight for each number, one for each category. Fast to score, hard to beat with good
 * features, and easy to explain.
 *
 * @example
 * ```ts
 * const ranker = logisticRanker('ranker', {
 *   pipeline: () => forYou,
 *   labels: {
 *     from: purchase, group: 'invoice', user: 'customerId', item: 'stockCode', onlyReturning: true,
 *     input: ({ user }) => ({ customerId: user, limit: 20 }),
 *   },
 *   features: [identity('share'), log1p('purchases120d'), log1p('popularity7d'), bucketise('daysSinceSold', [14])],
 *   every: days(30),
 *   after: [bought],
 *   gates: [floor({ metric: 'ndcg@20', atLeast: 0.1 })],
 * });
 * ```
 */
export function logisticRanker<F extends Fields>(name: string, options: LogisticRankerOptions<F>): TrainableModel {
  const { labels, before = name, features, pipeline } = options;
  const inputs = inputsOf(name, features);
  const sample = resolveSample(name, options.sample ?? {});
  const parameters = resolveParameters(name, options, sample);
  const windowMs = windowOf(name, options.window ?? days(30), options.holdout);
  return defineModel(name, options, {
    algorithm: logisticRankerAlgorithm,
    inputs,
    columns: undefined,
    parameters: { ...parameters },
    meaning: `${labels.from.name}.${labels.item}`,
    needs: () => needsOf(pipeline().needs),
    firstEventAt: (lake, signal) => firstEventAt(lake, labels.from, signal),
    prepare: (context) =>
      readRankingSet({ model: name, pipeline: pipeline(), before, labels, sample, windowMs, inputs }, context),
  });
}

/** What the pipeline needs, with the reader of history beside that of the present. */
function needsOf(pipelineNeeds: readonly AnyPort[]): readonly AnyPort[] {
  const needs: AnyPort[] = [Lake, ...pipelineNeeds];
  if (pipelineNeeds.some((port) => port.key === FeatureReader.key)) needs.push(HistoricalFeatureReader);
  return needs;
}

function inputsOf(model: string, features: readonly RankerFeature[]): Fields {
  const inputs: Record<string, ValueType> = {};
  const columns = features.flatMap((feature) => (feature.kind === 'cross' ? [feature.left, feature.right] : [feature]));
  for (const { column, type } of columns) {
    const known = inputs[column];
    if (known !== undefined && known.kind !== type.kind)
      throw new MilongaError(
        'MILONGA_DEFINITION_INVALID',
        `Model "${model}" reads column "${column}" as ${known.kind} and as ${type.kind}; give both features one type.`,
      );
    inputs[column] ??= type;
  }
  if (columns.length === 0) throw new MilongaError('MILONGA_DEFINITION_INVALID', `Model "${model}" has no features.`);
  return inputs;
}

function resolveSample(model: string, given: SampleOptions): Required<SampleOptions> {
  const whole = (name: keyof SampleOptions, value: number, most = 1e7): number =>
    requireNumber(model, `sample.${name}`, value, { least: 1, most, isInteger: true });
  return {
    groups: whole('groups', given.groups ?? 1_000),
    holdoutGroups: whole('holdoutGroups', given.holdoutGroups ?? 200),
    negatives: whole('negatives', given.negatives ?? 50),
    weighted: given.weighted ?? false,
    concurrency: whole('concurrency', given.concurrency ?? 2_048, 10_000),
    seed: requireNumber(model, 'sample.seed', given.seed ?? 1, { least: 0, most: 4_294_967_295, isInteger: true }),
  };
}

function resolveParameters<F extends Fields>(
  model: string,
  { parameters = {}, features }: LogisticRankerOptions<F>,
  sample: Required<SampleOptions>,
): ResolvedRanker {
  const { negatives, weighted, seed } = sample;
  return {
    features,
    loss: parameters.loss ?? 'softmax',
    l2: requireNumber(model, 'l2', parameters.l2 ?? 0.001, { least: 0, most: 1e9 }),
    iterations: requireNumber(model, 'iterations', parameters.iterations ?? 100, {
      least: 1,
      most: 100_000,
      isInteger: true,
    }),
    sampling: { negatives, weighted, seed },
  };
}

/** @throws MilongaError `MILONGA_DEFINITION_INVALID` when the holdout leaves nothing of the window to learn from. */
function windowOf(model: string, window: Duration, holdout: Duration = days(7)): number {
  if (holdout.ms < window.ms) return window.ms;
  throw new MilongaError(
    'MILONGA_DEFINITION_INVALID',
    `Model "${model}": its holdout (${holdout.ms} ms) leaves nothing of its window (${window.ms} ms) to learn from.`,
  );
}
