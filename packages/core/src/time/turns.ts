import { throwIfAborted } from './deadline.ts';

/** How long a loop may hold the event loop before it lets others run. */
const HOLD_MS = 3;

/**
 * Lets a long loop give way to whatever else the process does, such as requests.
 *
 * Call `giveWay` between pieces of work: it returns a promise when the loop has held the thread for 3 ms, and nothing
 * otherwise, so that most calls cost no more than a look at the clock. Cancelling is noticed when it gives way.
 *
 * @example
 * ```ts
 * const turns = new Turns('Adding up', signal);
 * for (const row of rows) {
 *   total += row;
 *   await turns.giveWay();
 * }
 * ```
 */
export class Turns {
  readonly #what: string;
  readonly #signal: AbortSignal | undefined;
  #endsAtMs: number = performance.now() + HOLD_MS;

  /** @param what Names the work in the error that ends it when `signal` aborts, such as `Scanning a table`. */
  constructor(what: string, signal?: AbortSignal) {
    this.#what = what;
    this.#signal = signal;
  }

  /** @throws MilongaError `MILONGA_ABORTED`, by the promise. */
  giveWay(): Promise<void> | undefined {
    return performance.now() < this.#endsAtMs ? undefined : this.#wait();
  }

  async #wait(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    throwIfAborted(this.#signal, this.#what);
    this.#endsAtMs = performance.now() + HOLD_MS;
  }
}
