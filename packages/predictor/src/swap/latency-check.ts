import type { Clock, Frame, LoadedModel } from '@milonga/core';
import type { SwapCheck } from './swap-report.ts';

const ROUNDS = 5;

/** Scores the same rows a few times and holds the median against the limit: one pause of the machine must not decide. */
export async function checkLatency(
  inputs: Frame,
  loaded: LoadedModel,
  limitMs: number,
  clock: Clock,
): Promise<SwapCheck> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedMs = clock.monotonicMs();
    await loaded.predict(inputs);
    times.push(clock.monotonicMs() - startedMs);
  }
  times.sort((left, right) => left - right);
  const medianMs = times[ROUNDS >> 1] as number;
  const passed = medianMs <= limitMs;
  const found = `${medianMs.toFixed(2)} ms for ${inputs.length} rows (limit ${limitMs} ms)`;
  return {
    check: 'latency',
    passed,
    figures: { medianMs, limitMs, rows: inputs.length },
    reason: passed ? `${found}.` : `Too slow: ${found}.`,
  };
}
