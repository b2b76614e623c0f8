import { MilongaError } from '@milonga/core';

/** When waiting for work ends, other than by its result. */
export interface CallLimit {
  readonly timeoutMs: number;
  readonly onTimeout: () => MilongaError;
  readonly what: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * The result of the work, or an error as soon as the limit is reached or the caller cancels. A process that was busy for
 * longer than the limit still takes the answers that have come in meanwhile.
 */
export function within<T>(work: Promise<T>, { timeoutMs, onTimeout, what, signal }: CallLimit): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => setImmediate(() => reject(onTimeout())), timeoutMs);
    const abort = (): void =>
      reject(new MilongaError('MILONGA_ABORTED', `The ${what} was cancelled.`, { cause: signal?.reason }));
    signal?.addEventListener('abort', abort, { once: true });
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    work.then(
      (value) => {
        end();
        resolve(value);
      },
      (error: unknown) => {
        end();
        reject(error);
      },
    );
  });
}
