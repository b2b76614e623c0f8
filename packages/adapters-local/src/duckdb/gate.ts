import { MilongaError, throwIfAborted } from '@milonga/core';

/** Lets a limited number of callers through at a time; the others wait in order. */
export class Gate {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(limit: number) {
    this.#free = limit;
  }

  /** Waits for room; call the result, once, to leave. @throws MilongaError `MILONGA_ABORTED` while it waits. */
  async enter(signal?: AbortSignal): Promise<() => void> {
    throwIfAborted(signal, 'Work of the lake');
    if (this.#free > 0) this.#free -= 1;
    else await this.#wait(signal);
    return () => {
      const [next] = this.#waiting;
      if (next === undefined) this.#free += 1;
      else next();
    };
  }

  /** Runs `work` when there is room. */
  async through<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const leave = await this.enter(signal);
    try {
      return await work();
    } finally {
      leave();
    }
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const proceed = (): void => {
        this.#waiting.delete(proceed);
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        this.#waiting.delete(proceed);
        reject(new MilongaError('MILONGA_ABORTED', 'Work of the lake was cancelled.', { cause: signal?.reason }));
      };
      this.#waiting.add(proceed);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }
}
