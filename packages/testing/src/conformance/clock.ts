import type { Clock } from '@milonga/core';
import { describe, expect, test } from 'vitest';
import { pause } from './expectations.ts';

/** What {@link testClockConformance} needs to know of a clock. */
export interface ClockConformance {
  readonly create: () => Clock;
  /** Lets `now()` reach a time. Default: waits for it, as for a clock of the real world. */
  readonly advanceTo?: (clock: Clock, at: number) => Promise<void>;
}

/**
 * Checks every sentence of the `Clock` contract.
 *
 * @example
 * ```ts
 * testClockConformance('system', { create: () => systemClock() });
 * ```
 */
export function testClockConformance(name: string, options: ClockConformance): void {
  const reach =
    options.advanceTo ??
    (async (clock: Clock, at: number): Promise<void> => {
      while (clock.now() < at) await pause(at - clock.now());
      await pause(20);
    });

  describe(`${name} conforms to Clock`, () => {
    test('now and monotonicMs never go back', async () => {
      const clock = options.create();
      let [now, monotonic] = [clock.now(), clock.monotonicMs()];
      for (let i = 0; i < 1_000; i += 1) {
        expect(clock.now()).toBeGreaterThanOrEqual(now);
        expect(clock.monotonicMs()).toBeGreaterThanOrEqual(monotonic);
        [now, monotonic] = [clock.now(), clock.monotonicMs()];
      }
    });

    test('a timer fires once, when its time has come and not before', async () => {
      const clock = options.create();
      const at = clock.now() + 200;
      const fired: number[] = [];
      clock.at(at, () => fired.push(clock.now()));
      expect(fired).toEqual([]);
      await reach(clock, at - 150);
      if (clock.now() < at) expect(fired).toEqual([]);
      await reach(clock, at + 30);
      expect(fired.length).toBe(1);
      expect(fired[0]).toBeGreaterThanOrEqual(at);
    });

    test('timers fire in order of their times', async () => {
      const clock = options.create();
      const start = clock.now();
      const fired: number[] = [];
      for (const delay of [60, 20, 40]) clock.at(start + delay, () => fired.push(delay));
      await reach(clock, start + 90);
      expect(fired).toEqual([20, 40, 60]);
    });

    test('a time in the past fires soon, never synchronously', async () => {
      const clock = options.create();
      const fired: string[] = [];
      clock.at(clock.now(), () => fired.push('now'));
      clock.at(clock.now() - 1_000_000, () => fired.push('past'));
      clock.at(-Infinity, () => fired.push('ever'));
      expect(fired).toEqual([]);
      await pause(50);
      expect(fired.sort()).toEqual(['ever', 'now', 'past']);
    });

    test('a cancelled timer does not fire; cancelling twice or too late does nothing', async () => {
      const clock = options.create();
      const start = clock.now();
      const fired: string[] = [];
      const cancelled = clock.at(start + 20, () => fired.push('cancelled'));
      const past = clock.at(start - 1, () => fired.push('past'));
      const kept = clock.at(start + 20, () => fired.push('kept'));
      cancelled.cancel();
      cancelled.cancel();
      past.cancel();
      await reach(clock, start + 50);
      kept.cancel();
      expect(fired).toEqual(['kept']);
    });

    test('a timer further away than 2^31 ms does not fire early', async () => {
      const clock = options.create();
      let isFired = false;
      const timers = [2 ** 31 + 5, 2 ** 33, 1e14].map((delay) =>
        clock.at(clock.now() + delay, () => {
          isFired = true;
        }),
      );
      await pause(60);
      expect(isFired).toBe(false);
      for (const timer of timers) timer.cancel();
    });

    test('sleep takes real time, and ends with the reason of its signal', async () => {
      const clock = options.create();
      const startedAt = performance.now();
      await clock.sleep(40);
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(39);
      const controller = new AbortController();
      const sleeping = clock.sleep(60_000, controller.signal);
      const reason = new Error('enough');
      controller.abort(reason);
      await expect(sleeping).rejects.toBe(reason);
      await expect(clock.sleep(60_000, controller.signal)).rejects.toBe(reason);
      await expect(clock.sleep(0)).resolves.toBeUndefined();
    });
  });
}
