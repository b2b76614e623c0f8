import type { Column, Frame, LoadedModel } from '@milonga/core';
import { categoriserOf } from './categories.ts';
import { type FittedNumeric, isNumeric, transformed } from './fitted-feature.ts';
import { type WeightedFeature, type WeightsFile, weightsOf } from './weights-file.ts';

/** Adds what one feature contributes to each row's score. */
type Contribute = (rows: Frame, scores: Float64Array) => void;

/** A ranker in memory: one loop over a column for each feature. What is missing or unknown contributes what it did in training. */
export class LinearModel implements LoadedModel {
  readonly bytes: number;
  readonly #output: string;
  readonly #bias: number;
  readonly #contributions: readonly Contribute[];

  constructor(file: WeightsFile) {
    this.#output = file.output;
    this.#bias = file.bias;
    this.#contributions = file.features.map(contributionOf);
    this.bytes = file.features.reduce((sum, weighted) => sum + 128 + weightsOf(weighted).byteLength * 4, 0);
  }

  predict(rows: Frame): Readonly<Record<string, Float64Array>> {
    const scores = new Float64Array(rows.length).fill(this.#bias);
    for (const contribute of this.#contributions) contribute(rows, scores);
    return { [this.#output]: scores };
  }

  dispose(): void {
    // Plain memory: the collector takes it back.
  }
}

function contributionOf(weighted: WeightedFeature): Contribute {
  const { feature } = weighted;
  const weights = weightsOf(weighted);
  if (isNumeric(feature)) return numericContribution(feature, weights[0]!);
  const categorise = categoriserOf(feature);
  return (rows, scores) => {
    const categories = categorise(rows);
    for (let row = 0; row < scores.length; row += 1)
      if (categories[row]! >= 0) scores[row]! += weights[categories[row]!]!;
  };
}

function numericContribution({ kind, column, centre, scale, fill }: FittedNumeric, weight: number): Contribute {
  const slope = weight / scale;
  const whenMissing = slope * (fill - centre);
  return (rows, scores) => {
    const numbers = (rows.column(column) as Column).toFloat64();
    for (let row = 0; row < scores.length; row += 1) {
      const value = transformed(kind, numbers[row]!);
      scores[row]! += value - value === 0 ? slope * (value - centre) : whenMissing; // finite: neither NaN nor infinite
    }
  };
}
