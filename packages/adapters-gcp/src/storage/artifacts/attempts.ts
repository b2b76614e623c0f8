import { MilongaError, throwIfAborted } from '@milonga/core';
import { type Backoff, delayAfter, pauseFor } from '../../grpc/backoff.ts';
import { aborted } from '../../grpc/failures.ts';
import { DamagedTransfer, isTransient, storageError } from './storage-failures.ts';

const BACKOFF: Backoff = { firstMs: 25, longestMs: 2_000 };
/** Bytes that are damaged on the way come right the next time; bytes that are damaged in store never do. */
const MOST_DAMAGED = 3;

/** The tries of one call of the port: how long it may take, and who may cancel it. */
export class Attempts {
  readonly #what: string;
  readonly #limitMs: number;
  readonly #signal: AbortSignal | undefined;
  #endsAt: number;
  #damaged = 0;

  constructor(what: string, limitMs: number, signal: AbortSignal | undefined) {
    this.#what = what;
    this.#limitMs = limitMs;
    this.#signal = signal;
    this.#endsAt = performance.now() + limitMs;
  }

  /** Something has arrived: the call has its whole time again. */
  progress(): void {
    this.#endsAt = performance.now() + this.#limitMs;
  }

  /**
   * Tries until it succeeds, fails for good, or time is up; only for what may be repeated. What is given up gets its
   * signal aborted and is left to end by itself.
   *
   * @throws MilongaError of the port; `MILONGA_ABORTED` when cancelled.
   */
  async run<Result>(request: (attempt: number, signal: AbortSignal) => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      throwIfAborted(this.#signal, this.#what);
      try {
        return await this.#once((signal) => request(attempt, signal));
      } catch (error) {
        if (this.#signal?.aborted) throw aborted(this.#what, this.#signal);
        if (error instanceof DamagedTransfer) this.#damaged += 1;
        const delayMs = delayAfter(attempt, BACKOFF);
        const isOver = performance.now() + delayMs > this.#endsAt || this.#damaged >= MOST_DAMAGED;
        if (isOver || !isTransient(error)) throw storageError(this.#what, error);
        await pauseFor(delayMs, this.#signal);
      }
    }
  }

  /** One try, ended from outside when time is up or the caller cancels: a stalled connection does not end by itself. */
  async #once<Result>(request: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const givenUp = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    let onAbort: (() => void) | undefined;
    const ended = new Promise<never>((_, reject) => {
      const check = (): void => {
        const leftMs = this.#endsAt - performance.now();
        if (leftMs > 0) timer = setTimeout(check, Math.ceil(leftMs));
        else reject(this.#tooLate());
      };
      check();
      onAbort = () => reject(aborted(this.#what, this.#signal));
      this.#signal?.addEventListener('abort', onAbort, { once: true });
    });
    try {
      return await Promise.race([request(givenUp.signal), ended]);
    } finally {
      clearTimeout(timer);
      if (onAbort !== undefined) this.#signal?.removeEventListener('abort', onAbort);
      givenUp.abort();
    }
  }

  #tooLate(): MilongaError {
    const message = `${this.#what} failed: Cloud Storage did not answer within ${this.#limitMs} ms. Retry.`;
    return new MilongaError('MILONGA_ARTIFACT_STORE_UNAVAILABLE', message, { isRetryable: true });
  }
}
