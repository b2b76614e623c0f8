import { type Clock, systemClock } from '@milonga/core';
import { testClock } from '../clock/test-clock.ts';
import { pause } from './expectations.ts';

/**
 * By what a store counts times to live: the `Clock` it is given, which the suite then drives, or real time, as a server
 * with a clock of its own does.
 */
export type TimeToLiveBy = { readonly by: 'clock' } | { readonly by: 'real-time'; readonly granularityMs: number };

/** A clock for a store, and a way to let time pass on it. */
export interface PassingTime {
  readonly clock: Clock;
  /** Shortest time to live that a test may use and still look in before the end. */
  readonly unitMs: number;
  pass(ms: number): Promise<void>;
}

const START = Date.UTC(2020, 0, 1);

export function passingTime(timeToLive: TimeToLiveBy): PassingTime {
  if (timeToLive.by === 'real-time') {
    return {
      clock: systemClock(),
      unitMs: Math.max(1_000, timeToLive.granularityMs * 2),
      pass: (ms) => pause(ms + timeToLive.granularityMs),
    };
  }
  const clock = testClock({ now: START });
  return { clock, unitMs: 60_000, pass: (ms) => clock.advanceBy(ms) };
}
