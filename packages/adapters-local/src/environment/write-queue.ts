import { MilongaError } from '@milonga/core';
import type { Environment } from './environment.ts';

/**
 * A piece of work in steps. Each call runs inside a write transaction, should return soon after `isTimeUp()` turns true,
 * and returns true when nothing is left to do.
 */
export type Step = (isTimeUp: () => boolean) => boolean;

interface Job {
  readonly step: Step;
  readonly what: string;
  readonly signal: AbortSignal | undefined;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** How jobs that do not fit into one transaction share the queue. */
export type QueueOrder = 'first-come' | 'take-turns';

/** Work per transaction. With its commit, a turn of the event loop stays below 5 ms for ordinary values. */
const SLICE_MS = 2;

/**
 * Puts writes into transactions: small ones that arrive together share one commit, large ones are cut into slices, so
 * that the event loop is never held for long. A write that finds the queue idle runs at once.
 *
 * When a transaction fails, every job with a part in it is rejected; nothing of that transaction was stored.
 */
export class WriteQueue {
  readonly #environment: Environment;
  readonly #order: QueueOrder;
  readonly #jobs: Job[] = [];
  #isBusy = false;
  #isDeferred = false;
  #idle: (() => void)[] = [];

  constructor(environment: Environment, order: QueueOrder) {
    this.#environment = environment;
    this.#order = order;
  }

  run(what: string, step: Step, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#jobs.push({ step, what, signal, resolve, reject });
      if (this.#isBusy) return;
      if (this.#isDeferred) this.#later();
      else this.#turn();
    });
  }

  /** Resolves when no job is left. */
  drained(): Promise<void> {
    if (this.#jobs.length === 0 && !this.#isBusy) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #later(): void {
    this.#isBusy = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#isBusy = true;
    const part: Job[] = [];
    const finished: Job[] = [];
    const transaction =
      this.#environment.durability === 'process-crash'
        ? settledNow(() => this.#environment.writeNow(() => this.#slice(part, finished)))
        : this.#environment.write(() => this.#slice(part, finished));
    if (transaction instanceof Promise)
      void transaction.then(
        () => this.#ended(finished),
        (error) => this.#failed(part, error),
      );
    else if (transaction.error === undefined) this.#ended(finished);
    else this.#failed(part, transaction.error);
  }

  #slice(part: Job[], finished: Job[]): void {
    const endsAt = performance.now() + SLICE_MS;
    const isTimeUp = (): boolean => performance.now() >= endsAt;
    do {
      const job = this.#jobs.shift();
      if (job === undefined) return;
      if (job.signal?.aborted) {
        job.reject(new MilongaError('MILONGA_ABORTED', `${job.what} was cancelled.`, { cause: job.signal.reason }));
        continue;
      }
      part.push(job);
      if (job.step(isTimeUp)) finished.push(job);
      else if (this.#order === 'first-come') this.#jobs.unshift(job);
      else this.#jobs.push(job);
    } while (!isTimeUp());
  }

  #ended(finished: readonly Job[]): void {
    for (const job of finished) job.resolve();
    this.#next();
  }

  #failed(part: readonly Job[], error: unknown): void {
    const all = new Set(part);
    for (let at = this.#jobs.length - 1; at >= 0; at -= 1) if (all.has(this.#jobs[at]!)) this.#jobs.splice(at, 1);
    for (const job of all) job.reject(error);
    this.#next();
  }

  #next(): void {
    if (this.#jobs.length > 0) {
      this.#later();
      return;
    }
    this.#isBusy = false;
    for (const resolve of this.#idle.splice(0)) resolve();
    if (this.#isDeferred) return;
    // Until the next turn of the event loop, jobs wait for company.
    this.#isDeferred = true;
    setImmediate(() => {
      this.#isDeferred = false;
    });
  }
}

function settledNow(work: () => void): { readonly error: unknown } {
  try {
    work();
    return { error: undefined };
  } catch (error) {
    return { error };
  }
}
