import { Frame, fromArrowStream } from '@milonga/core';
import type { RankingData } from '../worker/training-data.ts';
import type { LabelledGroups } from './losses.ts';
import { type NegativeSampling, thinNegatives } from './negatives.ts';

/** Groups with the rows of their candidates. */
export interface GroupedRows {
  readonly rows: Frame;
  readonly groups: LabelledGroups;
}

/** All rows of a training set, in groups. */
export function allRowsOf(data: RankingData): Frame {
  const frames = fromArrowStream(data.rows);
  return frames.length === 1 ? (frames[0] as Frame) : Frame.concat(frames);
}

/**
 * The rows to learn from: of the earlier groups, or of all; groups without a positive teach nothing and are left out.
 * Groups of the holdout hold all their candidates, to be judged on; here they are thinned out like the others.
 */
export function rowsToLearnFrom(
  data: RankingData,
  rows: Frame,
  part: 'earlier' | 'all',
  sampling: NegativeSampling,
): GroupedRows {
  const kept: number[] = [];
  const weights: number[] = [];
  const offsets = [0];
  for (let group = 0; group < data.isHeldOut.length; group += 1) {
    const isHeldOut = data.isHeldOut[group] === 1;
    if (isHeldOut && part === 'earlier') continue;
    const start = data.offsets[group]!;
    const end = data.offsets[group + 1]!;
    if (!data.label.subarray(start, end).includes(1)) continue;
    if (isHeldOut) {
      const thinned = thinNegatives(data.label.subarray(start, end), String(group), sampling);
      for (let at = 0; at < thinned.rows.length; at += 1) {
        kept.push(start + thinned.rows[at]!);
        weights.push(thinned.weights[at]!);
      }
    } else {
      for (let row = start; row < end; row += 1) {
        kept.push(row);
        weights.push(data.weight[row]!);
      }
    }
    offsets.push(kept.length);
  }
  const selection = Int32Array.from(kept);
  return {
    rows: rows.take(selection),
    groups: {
      offsets: Int32Array.from(offsets),
      label: Uint8Array.from(selection, (row) => data.label[row]!),
      weight: Float32Array.from(weights),
    },
  };
}
