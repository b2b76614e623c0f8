import { MilongaError } from '@milonga/core';
import { type FittedFeature, weightCount, weightNames } from './fitted-feature.ts';

/** The file with all that a ranker learned, for people and machines alike. */
export const WEIGHTS_FILE = 'weights.json';

/** A feature and its weight, or its weights by category. */
export type WeightedFeature =
  | { readonly feature: FittedFeature; readonly weight: number }
  | { readonly feature: FittedFeature; readonly weights: Readonly<Record<string, number>> };

/** What {@link WEIGHTS_FILE} holds. */
export interface WeightsFile {
  readonly output: string;
  readonly loss: string;
  readonly bias: number;
  readonly features: readonly WeightedFeature[];
}

/** Puts weights beside what they mean. */
export function weightedFeatures(
  features: readonly FittedFeature[],
  weights: Float64Array,
): readonly WeightedFeature[] {
  let at = 0;
  return features.map((feature) => {
    const start = at;
    at += weightCount(feature);
    if (feature.kind === 'identity' || feature.kind === 'log1p' || feature.kind === 'missing')
      return { feature, weight: weights[start]! };
    return {
      feature,
      weights: Object.fromEntries(weightNames(feature).map((name, place) => [name, weights[start + place]!])),
    };
  });
}

/** The weights of a feature in order. @throws MilongaError `MILONGA_ARTIFACT_CORRUPT` when one is missing or not finite. */
export function weightsOf(weighted: WeightedFeature): Float64Array {
  const names = weightNames(weighted.feature);
  const values = 'weight' in weighted ? [weighted.weight] : names.map((name) => weighted.weights[name]);
  const numbers = Float64Array.from(values, (value) => value ?? Number.NaN);
  if (numbers.length !== weightCount(weighted.feature) || !numbers.every(Number.isFinite))
    throw new MilongaError(
      'MILONGA_ARTIFACT_CORRUPT',
      `"${WEIGHTS_FILE}" lacks a finite weight for each part of a feature of kind "${weighted.feature.kind}".`,
    );
  return numbers;
}
