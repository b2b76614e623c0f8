import { type Port, port } from './port.ts';

/** A timer that can be cancelled. Cancelling twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void;
}

/**
 * Time as the system sees it. Everything that decides by time asks a `Clock`, so that a test or a replay of old events
 * can drive it.
 *
 * `now` is the time that events, windows, schedules and TTLs live in; a replay moves it through the past. `monotonicMs`
 * is for measuring and for request deadlines: it always runs with the real world, unless a test holds it.
 */
export interface Clock {
  /** Unix milliseconds. May jump forward; never goes back within one process. */
  now(): number;
  /** Milliseconds since an arbitrary origin, with fractions; never goes back. */
  monotonicMs(): number;
  /** Calls `callback` once, when `now()` has reached `at` (Unix ms). A time in the past fires soon, never synchronously. */
  at(at: number, callback: () => void): Timer;
  /** Resolves after `delayMs` of real time; rejects with the signal's reason when aborted. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}
export const Clock: Port<Clock> = port<Clock>('clock/1');
