import type { Frame, LoadedModel } from '@milonga/core';
import { pause, unlessAborted } from './patience.ts';

/** Scores by output. */
export type Scores = Readonly<Record<string, Float64Array>>;

/** Asks a version for scores as checks do: after a pause for the requests that wait, and no longer than the signal allows. */
export async function scoresOf(loaded: LoadedModel, rows: Frame, signal: AbortSignal): Promise<Scores> {
  await pause(signal);
  return unlessAborted(signal, Promise.resolve(loaded.predict(rows)));
}
