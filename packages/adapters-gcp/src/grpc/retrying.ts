import { type Backoff, delayAfter, pauseFor } from './backoff.ts';
import { isTransient } from './failures.ts';

const BACKOFF: Backoff = { firstMs: 20, longestMs: 500 };

/** What a call that may be repeated is given: the SDK's own retries are off, as their limits are minutes. */
export interface CallLimits {
  readonly timeout: number;
  readonly retry: null;
}

/** The same for calls that answer by a stream: the SDK would repeat them after 1 and 2 s. */
export const ONE_STREAM: {
  readonly retryRequestOptions: { readonly objectMode: true; readonly retries: 0; readonly noResponseRetries: 0 };
} = { retryRequestOptions: { objectMode: true, retries: 0, noResponseRetries: 0 } };

/** Calls again while what fails is the service being away, for as long as `limitMs`. Only for calls that may be repeated. */
export async function retrying<Result>(
  limitMs: number,
  call: (limits: CallLimits) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  const endsAt = performance.now() + limitMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call({ timeout: Math.max(1, Math.ceil(endsAt - performance.now())), retry: null });
    } catch (error) {
      const delayMs = delayAfter(attempt, BACKOFF);
      if (!isTransient(error) || signal?.aborted || performance.now() + delayMs > endsAt) throw error;
      await pauseFor(delayMs, signal);
    }
  }
}
