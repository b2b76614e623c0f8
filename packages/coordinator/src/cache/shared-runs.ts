import { MilongaError } from '@milonga/core';

interface Shared<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  waiting: number;
}

/**
 * Lets requests that are identical and in flight at the same time share one run. A run is cancelled when the last one who
 * waits for it has gone; the others never notice.
 */
export class SharedRuns<T> {
  readonly #runs: Map<string, Shared<T>> = new Map();

  /** Joins the run of `key`, or starts it. */
  join(key: string, signal: AbortSignal | undefined, start: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const shared = this.#runs.get(key) ?? this.#start(key, start);
    shared.waiting += 1;
    return abortable(shared.result, signal).finally(() => {
      shared.waiting -= 1;
      if (shared.waiting === 0) {
        if (this.#runs.get(key) === shared) this.#runs.delete(key);
        shared.controller.abort(new MilongaError('MILONGA_ABORTED', 'Nobody waits for this run any more.'));
      }
    });
  }

  #start(key: string, start: (signal: AbortSignal) => Promise<T>): Shared<T> {
    const controller = new AbortController();
    const shared: Shared<T> = { result: start(controller.signal), controller, waiting: 0 };
    this.#runs.set(key, shared);
    const forget = (): void => {
      if (this.#runs.get(key) === shared) this.#runs.delete(key);
    };
    shared.result.then(forget, forget);
    return shared;
  }
}

/** Settles with the promise, or rejects with `MILONGA_ABORTED` as soon as the signal aborts, whatever the promise does. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const cancelled = (): void =>
      reject(new MilongaError('MILONGA_ABORTED', 'The request was cancelled.', { cause: signal.reason }));
    if (signal.aborted) cancelled();
    signal.addEventListener('abort', cancelled, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', cancelled));
  });
}
