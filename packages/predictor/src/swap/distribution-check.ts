import type { Frame, LoadedModel } from '@milonga/core';
import type { SwapCheck } from './swap-report.ts';

/**
 * Compares the scores of the live and the new version on the same recent requests: every score finite, not all equal
 * where the live version tells rows apart, and a two-sample Kolmogorov-Smirnov distance below the limit.
 */
export async function checkDistribution(
  recent: readonly Frame[],
  live: LoadedModel | undefined,
  next: LoadedModel,
  limit: number,
): Promise<SwapCheck> {
  const found = await scoresOf(recent, next);
  const figures = { rows: found.length, requests: recent.length };
  if (found.length === 0)
    return { check: 'distribution', passed: true, figures, reason: 'No recent requests to compare on.' };
  const notFinite = found.reduce((count, score) => count + (Number.isFinite(score) ? 0 : 1), 0);
  if (notFinite > 0)
    return {
      check: 'distribution',
      passed: false,
      figures: { ...figures, notFinite },
      reason: `${notFinite} of ${found.length} scores on recent requests are not finite.`,
    };
  if (live === undefined)
    return {
      check: 'distribution',
      passed: true,
      figures,
      reason: `${found.length} scores on recent requests are finite; nothing is live to compare with.`,
    };
  const before = (await scoresOf(recent, live)).sort();
  found.sort();
  if (found[0] === found.at(-1) && before[0] !== before.at(-1)) {
    return {
      check: 'distribution',
      passed: false,
      figures,
      reason: `All ${found.length} scores on recent requests equal ${found[0]}; the live version tells rows apart.`,
    };
  }
  const distance = kolmogorovSmirnov(before, found);
  const passed = distance <= limit;
  return {
    check: 'distribution',
    passed,
    figures: { ...figures, distance, limit },
    reason: `Kolmogorov-Smirnov distance to the live version on ${found.length} recent rows is ${distance.toFixed(3)} (limit ${limit}).`,
  };
}

async function scoresOf(frames: readonly Frame[], model: LoadedModel): Promise<Float64Array> {
  const parts: Float64Array[] = [];
  for (const frame of frames) parts.push(...Object.values(await model.predict(frame)));
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The largest difference between two empirical distributions, 0 to 1. Both arrays ascending. */
export function kolmogorovSmirnov(left: Float64Array, right: Float64Array): number {
  let at = 0;
  let other = 0;
  let distance = 0;
  while (at < left.length && other < right.length) {
    const value = Math.min(left[at] as number, right[other] as number);
    while (at < left.length && (left[at] as number) <= value) at += 1;
    while (other < right.length && (right[other] as number) <= value) other += 1;
    distance = Math.max(distance, Math.abs(at / left.length - other / right.length));
  }
  return distance;
}
