import type { Frame, LoadedModel } from '@milonga/core';
import { kolmogorovSmirnov } from './kolmogorov-smirnov.ts';
import { pause } from './patience.ts';
import { scoresOf } from './scorer.ts';
import type { SwapCheck } from './swap-report.ts';

/** Fewer scores say nothing about a distribution: with one row, any two versions are as far apart as can be. */
const LEAST_SCORES = 50;

/**
 * Compares the scores of the live and the new version on the same recent requests, output by output: every score finite,
 * not all equal where the live version tells rows apart, and a two-sample Kolmogorov-Smirnov distance below the limit.
 */
export async function checkDistribution(
  recent: readonly Frame[],
  live: LoadedModel | undefined,
  next: LoadedModel,
  limit: number,
  signal: AbortSignal,
): Promise<SwapCheck> {
  const after = await scoresByOutput(recent, next, signal);
  const rows = recent.reduce((sum, frame) => sum + frame.length, 0);
  const figures = { rows, requests: recent.length };
  for (const [output, scores] of after) {
    const bad = scores.findIndex((score) => !Number.isFinite(score));
    if (bad >= 0)
      return verdict(false, `A score "${output}" on recent requests is ${scores[bad]}, not a finite number.`, figures);
  }
  if (live === undefined || rows < LEAST_SCORES)
    return verdict(
      true,
      `${rows} recent rows have finite scores; ${live === undefined ? 'there is no live version to compare with' : `fewer than ${LEAST_SCORES} do not make a distribution`}.`,
      figures,
    );
  return compare(await scoresByOutput(recent, live, signal), after, limit, figures, signal);
}

async function compare(
  before: ReadonlyMap<string, Float64Array>,
  after: ReadonlyMap<string, Float64Array>,
  limit: number,
  figures: SwapCheck['figures'],
  signal: AbortSignal,
): Promise<SwapCheck> {
  let worst = 0;
  for (const [output, scores] of after) {
    const earlier = before.get(output)?.sort();
    if (earlier === undefined || earlier.length === 0) continue;
    await pause(signal);
    scores.sort();
    if (scores[0] === scores.at(-1) && earlier[0] !== earlier.at(-1))
      return verdict(
        false,
        `All ${scores.length} scores "${output}" on recent requests equal ${scores[0]}; the live version tells rows apart.`,
        figures,
      );
    worst = Math.max(worst, kolmogorovSmirnov(earlier, scores));
  }
  return verdict(
    worst <= limit,
    `Kolmogorov-Smirnov distance to the live version on ${figures.rows} recent rows is ${worst.toFixed(3)} (limit ${limit}).`,
    { ...figures, distance: worst, limit },
  );
}

async function scoresByOutput(
  frames: readonly Frame[],
  model: LoadedModel,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Float64Array>> {
  const parts = new Map<string, Float64Array[]>();
  for (const frame of frames) {
    for (const [output, scores] of Object.entries(await scoresOf(model, frame, signal)))
      parts.set(output, [...(parts.get(output) ?? []), scores]);
  }
  return new Map([...parts].map(([output, scores]) => [output, joined(scores)]));
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const verdict = (passed: boolean, reason: string, figures: SwapCheck['figures']): SwapCheck => ({
  check: 'distribution',
  passed,
  reason,
  figures,
});
