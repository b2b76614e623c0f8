import type { Clock, Timer } from '../ports/clock.ts';

/**
 * Longest single timer. Far below the 2^31 ms at which timers of the runtime overflow, and short enough that a jump of
 * the wall clock (a suspended machine, a corrected clock) is noticed soon.
 */
const LONGEST_TIMER_MS = 60_000;

class SystemClock implements Clock {
  #lastNow = 0;

  now(): number {
    const now = Date.now();
    if (now > this.#lastNow) this.#lastNow = now;
    return this.#lastNow;
  }

  monotonicMs(): number {
    return performance.now();
  }

  at(at: number, callback: () => void): Timer {
    if (Number.isNaN(at)) throw new RangeError('Clock.at needs a time in Unix ms; found NaN.');
    let handle: NodeJS.Timeout;
    const arm = (): void => {
      handle = setTimeout(() => (this.now() >= at ? callback() : arm()), waitMs(at - this.now()));
    };
    arm();
    return { cancel: () => clearTimeout(handle) };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const endsAt = performance.now() + delayMs;
      let handle: NodeJS.Timeout;
      const cancelled = (): void => {
        clearTimeout(handle);
        reject(signal?.reason);
      };
      const arm = (): void => {
        handle = setTimeout(
          () => {
            if (performance.now() < endsAt) return arm();
            signal?.removeEventListener('abort', cancelled);
            resolve();
          },
          waitMs(endsAt - performance.now()),
        );
      };
      signal?.addEventListener('abort', cancelled, { once: true });
      arm();
    });
  }
}

/** Rounded up, so that a timer never fires before its time; at least 0, at most the longest single timer. */
const waitMs = (delayMs: number): number => Math.min(Math.max(Math.ceil(delayMs), 0), LONGEST_TIMER_MS);

/**
 * The clock of the machine.
 *
 * - `now` is the wall clock, held where it is when the machine's clock is set back.
 * - `at` and `sleep` take any delay; those past 2^31 ms are waited for in steps.
 * - Timers keep the process alive, as those of the runtime do: a job that waits for its hour must not vanish because
 *   nothing else was going on. Cancel what you no longer wait for.
 *
 * @example
 * ```ts
 * const clock = systemClock();
 * const timer = clock.at(clock.now() + 1_000, () => console.log('a second later'));
 * timer.cancel();
 * ```
 */
export const systemClock = (): Clock => new SystemClock();
