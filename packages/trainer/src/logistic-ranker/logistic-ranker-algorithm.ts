import { MilongaError, type ModelRuntime } from '@milonga/core';
import { jsonFile, readJson } from '../artifact/model-files.ts';
import type { Algorithm } from '../model/algorithm.ts';
import { minimise } from '../optimise/lbfgs.ts';
import type { RankingData } from '../worker/training-data.ts';
import { addGradient, type Design, designOf, scoreDesign } from './design.ts';
import type { RankerFeature } from './feature.ts';
import { fitFeature } from './fitted-feature.ts';
import { LinearModel } from './linear-model.ts';
import { type LabelledGroups, type Loss, pairwiseLoss, pointwiseLoss, softmaxLoss } from './losses.ts';
import type { NegativeSampling } from './negatives.ts';
import { allRowsOf, rowsToLearnFrom } from './training-rows.ts';
import { WEIGHTS_FILE, type WeightsFile, weightedFeatures } from './weights-file.ts';

/** See `LogisticRankerParameters`; every value filled in. */
export interface ResolvedRanker {
  readonly features: readonly RankerFeature[];
  readonly loss: 'softmax' | 'pairwise' | 'pointwise';
  readonly l2: number;
  readonly iterations: number;
  readonly sampling: NegativeSampling;
}

const LOSSES: Readonly<Record<ResolvedRanker['loss'], Loss>> = {
  softmax: softmaxLoss,
  pairwise: pairwiseLoss,
  pointwise: pointwiseLoss,
};

/** Fits a linear ranker by L-BFGS; see `logisticRanker`. */
export const logisticRankerAlgorithm: Algorithm = {
  name: 'logistic-ranker',
  runtime: {
    name: 'milonga/logistic-ranker/1',
    load: async (_manifest, files) => new LinearModel(readJson<WeightsFile>(files, WEIGHTS_FILE)),
  } satisfies ModelRuntime,
  fit(task, { part, onProgress }) {
    const data = task.data as RankingData;
    const parameters = task.parameters as unknown as ResolvedRanker;
    const { rows, groups } = rowsToLearnFrom(data, allRowsOf(data), part, parameters.sampling);
    if (rows.length === 0)
      throw new MilongaError(
        'MILONGA_TRAINING_DATA_EMPTY',
        `Model "${task.model}" found no label group whose candidates hold an item that was chosen: its pipeline proposes none of them.`,
      );
    const features = parameters.features.map((feature) => fitFeature(feature, rows));
    const design = designOf(features, rows);
    const weights = fitWeights(design, groups, parameters, onProgress);
    const file: WeightsFile = {
      output: task.outputs[0]!,
      loss: parameters.loss,
      bias: weights[design.weights] ?? 0,
      features: weightedFeatures(features, weights),
    };
    return { files: new Map([[WEIGHTS_FILE, jsonFile(file)]]) };
  },
};

/** Only the pointwise loss has a bias: in the others it would cancel. */
function fitWeights(
  design: Design,
  groups: LabelledGroups,
  parameters: ResolvedRanker,
  onProgress: (fraction: number) => void,
): Float64Array {
  const { loss, l2, iterations } = parameters;
  const weights = new Float64Array(design.weights + (loss === 'pointwise' ? 1 : 0));
  const scores = new Float64Array(design.rows);
  const slopes = new Float64Array(design.rows);
  const objective = (point: Float64Array, gradient: Float64Array): number => {
    scoreDesign(design, point, scores);
    let value = LOSSES[loss](groups, scores, slopes);
    gradient.fill(0);
    addGradient(design, slopes, gradient);
    for (let at = 0; at < design.weights; at += 1) {
      value += 0.5 * l2 * point[at]! * point[at]!;
      gradient[at]! += l2 * point[at]!;
    }
    return value;
  };
  minimise(objective, weights, { iterations, onProgress });
  return weights;
}
