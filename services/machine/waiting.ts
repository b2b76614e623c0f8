import { setTimeout as delay } from 'node:timers/promises';

/** How long and how often a condition is asked. */
export interface WaitOptions {
  readonly timeoutMs: number;
  /** @defaultValue 50 */
  readonly everyMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Asks until the answer is yes (true) or the time is up (false); an error of the condition ends the wait. */
export async function waitUntil(
  condition: () => Promise<boolean>,
  { timeoutMs, everyMs = 50, signal }: WaitOptions,
): Promise<boolean> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    if (await condition()) return true;
    if (performance.now() >= until) return false;
    await delay(everyMs, undefined, { signal });
  }
}
