import { throwIfAborted } from '@milonga/core';

/** How long a loop may hold the event loop before it lets others run. */
const HOLD_MS = 3;

/**
 * Lets a long loop give way: call it between pieces of work; it returns a promise when it is time to await, and nothing
 * otherwise. Cancelling is noticed when it gives way.
 */
export class Turns {
  readonly #what: string;
  readonly #signal: AbortSignal | undefined;
  #endsAt = performance.now() + HOLD_MS;

  constructor(what: string, signal: AbortSignal | undefined) {
    this.#what = what;
    this.#signal = signal;
  }

  giveWay(): Promise<void> | undefined {
    return performance.now() < this.#endsAt ? undefined : this.#wait();
  }

  async #wait(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    throwIfAborted(this.#signal, this.#what);
    this.#endsAt = performance.now() + HOLD_MS;
  }
}
