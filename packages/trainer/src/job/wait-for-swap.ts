import type { Clock, ModelRegistry } from '@milonga/core';

const LOOK_EVERY_MS = 20;

/**
 * Waits until the predictor has decided on a candidate: it is live, or was refused, or another one took its place.
 *
 * @returns false when nothing was decided within `atMostMs` of real time, for example because no predictor runs.
 */
export async function waitForSwap(
  model: string,
  version: string,
  registry: ModelRegistry,
  clock: Clock,
  { atMostMs, signal }: { readonly atMostMs: number; readonly signal: AbortSignal },
): Promise<boolean> {
  const endMs = clock.monotonicMs() + atMostMs;
  for (;;) {
    if ((await registry.alias(model, 'live'))?.version === version) return true;
    if ((await registry.records(model, version)).some(({ kind }) => kind === 'swap')) return true;
    if ((await registry.alias(model, 'candidate'))?.version !== version) return true;
    if (clock.monotonicMs() >= endMs) return false;
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}
