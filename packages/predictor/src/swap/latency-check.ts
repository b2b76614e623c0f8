import type { Clock, Frame, LoadedModel } from '@milonga/core';
import { pause, unlessAborted } from './patience.ts';
import type { SwapCheck } from './swap-report.ts';

const ROUNDS = 5;

/** Scores the same rows a few times and holds the median against the limit: one pause of the machine must not decide. */
export async function checkLatency(
  inputs: Frame,
  loaded: LoadedModel,
  limitMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<SwapCheck> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await pause(signal);
    const startedMs = clock.monotonicMs();
    await unlessAborted(signal, Promise.resolve(loaded.predict(inputs)));
    times.push(clock.monotonicMs() - startedMs);
  }
  times.sort((left, right) => left - right);
  const medianMs = times[ROUNDS >> 1]!;
  const passed = medianMs <= limitMs;
  const found = `${medianMs.toFixed(2)} ms for ${inputs.length} rows (limit ${limitMs} ms)`;
  return {
    check: 'latency',
    passed,
    figures: { medianMs, limitMs, rows: inputs.length },
    reason: passed ? `${found}.` : `Too slow: ${found}.`,
  };
}
