import { setTimeout as wait } from 'node:timers/promises';

/** How failed calls are repeated. */
export interface Backoff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** Doubles with each attempt (1, 2, …), and differs a little so that calls that failed together do not come back together. */
export const delayAfter = (attempt: number, { firstMs, longestMs }: Backoff): number =>
  Math.min(firstMs * 2 ** (attempt - 1), longestMs) * (0.8 + Math.random() * 0.4);

/** Waits; returns early, without an error, when the signal is aborted. */
export const pauseFor = async (delayMs: number, signal: AbortSignal | undefined): Promise<void> => {
  await wait(delayMs, undefined, signal === undefined ? {} : { signal }).catch(() => {});
};
