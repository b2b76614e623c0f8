import type { Clock } from '../ports/clock.ts';

/** Wakes those who wait for a move: at once for moves made in this process, by the clock for those of others. */
export class MoveSignal {
  readonly #clock: Clock;
  readonly #pollMs: number;
  readonly #wakers = new Map<string, Set<() => void>>();

  constructor(clock: Clock, pollMs: number) {
    this.#clock = clock;
    this.#pollMs = pollMs;
  }

  /** Tells that what `key` names has moved. */
  announce(key: string): void {
    for (const wake of [...(this.#wakers.get(key) ?? [])]) wake();
  }

  /**
   * Begins to listen. `next` resolves at a move announced since the last `next` ended, else when it is time to look
   * again, else when the signal aborts. `end` leaves no timer and no listener behind.
   */
  listen(key: string, signal: AbortSignal): { next(): Promise<void>; end(): void } {
    let isAnnounced = false;
    let wakeUp: (() => void) | undefined;
    const wake = (): void => {
      isAnnounced = true;
      wakeUp?.();
    };
    const wakers = this.#wakers.get(key) ?? new Set();
    this.#wakers.set(key, wakers.add(wake));
    return {
      next: async () => {
        if (!isAnnounced && !signal.aborted) await this.#sleep(signal, (wakeNow) => (wakeUp = wakeNow));
        isAnnounced = false;
        wakeUp = undefined;
      },
      end: () => {
        wakers.delete(wake);
        if (wakers.size === 0) this.#wakers.delete(key);
        wakeUp?.();
      },
    };
  }

  #sleep(signal: AbortSignal, onWakeable: (wake: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      const sleeping = new AbortController();
      const done = (): void => {
        signal.removeEventListener('abort', done);
        sleeping.abort();
        resolve();
      };
      signal.addEventListener('abort', done);
      onWakeable(done);
      this.#clock.sleep(this.#pollMs, sleeping.signal).then(done, done);
    });
  }
}
