import type { LoadedModel } from '@milonga/core';
import { softmaxLoss } from '../logistic-ranker/losses.ts';
import { allRowsOf } from '../logistic-ranker/training-rows.ts';
import type { RankingData } from '../worker/training-data.ts';
import type { TrainingTask } from '../worker/training-task.ts';
import { areaUnderCurve, MeanQuality } from './slate-metrics.ts';

/**
 * How well a ranker orders the candidates of the holdout's groups: mean recall and NDCG over groups, counting chosen items
 * that were no candidates as missed; `auc`, the mean over groups of the probability that a chosen candidate stands above
 * another; `logloss`, the mean over groups of the negative log-likelihood of the chosen ones among all candidates.
 */
export async function judgeRanking(model: LoadedModel, task: TrainingTask): Promise<Record<string, number>> {
  const data = task.data as RankingData;
  const all = allRowsOf(data);
  const scores = (await model.predict(all))[task.outputs[0]!]!;
  const quality = new MeanQuality(task.cutoffs);
  const areas: number[] = [];
  const losses: number[] = [];
  for (let group = 0; group < data.isHeldOut.length; group += 1) {
    if (data.isHeldOut[group] === 0) continue;
    const start = data.offsets[group]!;
    const own = scores.subarray(start, data.offsets[group + 1]!).map(sunk);
    const label = data.label.subarray(start, data.offsets[group + 1]!);
    quality.add(hitsInOrder(own, label), data.chosen[group]!);
    const area = areaUnderCurve(own, label);
    if (area !== undefined) areas.push(area);
    if (label.includes(1)) losses.push(lossOf(own, label));
  }
  return {
    ...quality.metrics(),
    ...(areas.length === 0 ? {} : { auc: mean(areas) }),
    ...(losses.length === 0 ? {} : { logloss: mean(losses) }),
    judged: quality.count,
  };
}

/** What is not a number sinks, as in serving. */
const sunk = (score: number): number => (Number.isFinite(score) ? score : -Number.MAX_VALUE);

/** 1 where the candidate in that place was chosen; equal scores keep the order of the candidates. */
function hitsInOrder(scores: Float64Array, label: Uint8Array): Uint8Array {
  const order = Array.from(scores.keys()).sort((left, right) => scores[right]! - scores[left]! || left - right);
  return Uint8Array.from(order, (row) => label[row]!);
}

function lossOf(scores: Float64Array, label: Uint8Array): number {
  const groups = { offsets: Int32Array.of(0, scores.length), label, weight: new Float32Array(scores.length).fill(1) };
  return softmaxLoss(groups, scores, new Float64Array(scores.length));
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
