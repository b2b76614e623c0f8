import { type Clock, systemClock, type Timer } from '@milonga/core';

/** What a {@link TestClock} starts with. */
export interface TestClockOptions {
  /** Unix ms that `now()` gives at first. Default: 0. */
  readonly now?: number;
  /**
   * Whether `monotonicMs` and `sleep` run with the real world, which is right for replays, or only when
   * {@link TestClock.advanceMonotonicBy} moves them, for tests of deadlines. Default: 'real'.
   */
  readonly monotonic?: 'real' | 'held';
}

/** A clock that a test or a replay drives. */
export interface TestClock extends Clock {
  /**
   * Moves `now()` forward to `at` (Unix ms) and fires the timers due until then, in order of their time, then of their
   * making; while one fires, `now()` is its time. Resolves when what the callbacks started has had its microtasks; rejects
   * with what a callback threw. An earlier time than `now()` changes nothing. Costs nothing when no timer is due.
   */
  advanceTo(at: number): Promise<void>;
  /** As `advanceTo(now() + delayMs)`. */
  advanceBy(delayMs: number): Promise<void>;
  /** Moves a held `monotonicMs` forward and ends the sleeps that are over. */
  advanceMonotonicBy(delayMs: number): Promise<void>;
  /** Timers that wait. */
  readonly pending: number;
}

/**
 * Makes a clock that stands still until it is told to move.
 *
 * @example
 * ```ts
 * const clock = testClock({ now: Date.UTC(2011, 0, 1) });
 * clock.at(clock.now() + 60_000, () => console.log('a minute later'));
 * await clock.advanceBy(60_000);
 * ```
 */
export const testClock = (options: TestClockOptions = {}): TestClock => new DrivenClock(options);

class DrivenClock implements TestClock {
  readonly #real = systemClock();
  readonly #timers = new TimerLine();
  readonly #held: { nowMs: number; readonly sleeps: TimerLine } | undefined;
  #now: number;
  #advancing: Promise<void> | undefined;

  constructor({ now = 0, monotonic = 'real' }: TestClockOptions) {
    this.#now = now;
    this.#held = monotonic === 'held' ? { nowMs: 0, sleeps: new TimerLine() } : undefined;
  }

  now(): number {
    return this.#now;
  }

  monotonicMs(): number {
    return this.#held?.nowMs ?? this.#real.monotonicMs();
  }

  get pending(): number {
    return this.#timers.length;
  }

  at(at: number, callback: () => void): Timer {
    if (at > this.#now) return this.#timers.add(at, callback);
    const soon = setImmediate(callback);
    return { cancel: () => clearImmediate(soon) };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    const held = this.#held;
    if (held === undefined) return this.#real.sleep(delayMs, signal);
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const timer = held.sleeps.add(held.nowMs + delayMs, () => {
        signal?.removeEventListener('abort', cancelled);
        resolve();
      });
      const cancelled = (): void => {
        timer.cancel();
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', cancelled, { once: true });
    });
  }

  advanceTo(at: number): Promise<void> {
    if (Number.isNaN(at)) return Promise.reject(new RangeError('A clock cannot be advanced to NaN.'));
    if (this.#advancing === undefined && this.#timers.nextAt > at) {
      if (at > this.#now) this.#now = at;
      return Promise.resolve();
    }
    const before = this.#advancing ?? Promise.resolve();
    const mine = before
      .catch(() => {})
      .then(() => this.#fire(at))
      .finally(() => {
        if (this.#advancing === mine) this.#advancing = undefined;
      });
    this.#advancing = mine;
    return mine;
  }

  async #fire(at: number): Promise<void> {
    while (this.#timers.nextAt <= at) {
      this.#now = Math.max(this.#now, this.#timers.nextAt);
      this.#timers.takeFirst()();
      await settled();
    }
    if (at > this.#now) this.#now = at;
  }

  advanceBy(delayMs: number): Promise<void> {
    return this.advanceTo(this.#now + delayMs);
  }

  async advanceMonotonicBy(delayMs: number): Promise<void> {
    const held = this.#held;
    if (held === undefined) throw new TypeError("advanceMonotonicBy needs testClock({ monotonic: 'held' }).");
    const end = held.nowMs + delayMs;
    while (held.sleeps.nextAt <= end) {
      held.nowMs = Math.max(held.nowMs, held.sleeps.nextAt);
      held.sleeps.takeFirst()();
      await settled();
    }
    held.nowMs = Math.max(held.nowMs, end);
  }
}

/** After a turn of the event loop no microtask is left. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Waiting {
  readonly at: number;
  readonly callback: () => void;
}

/** Timers in order of their time, then of their making. */
class TimerLine {
  readonly #waiting: Waiting[] = [];

  get length(): number {
    return this.#waiting.length;
  }

  get nextAt(): number {
    return this.#waiting[0]?.at ?? Infinity;
  }

  add(at: number, callback: () => void): Timer {
    const entry: Waiting = { at, callback };
    let low = 0;
    for (let high = this.#waiting.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if (this.#waiting[middle]!.at <= at) low = middle + 1;
      else high = middle;
    }
    this.#waiting.splice(low, 0, entry);
    return {
      cancel: () => {
        const index = this.#waiting.indexOf(entry);
        if (index >= 0) this.#waiting.splice(index, 1);
      },
    };
  }

  takeFirst(): () => void {
    return this.#waiting.shift()!.callback;
  }
}
