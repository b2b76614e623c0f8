import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from './system-clock.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('now stays where it is while the clock of the machine is set back', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 });
  const clock = systemClock();
  expect(clock.now()).toBe(1_000_000);
  vi.setSystemTime(400_000);
  expect(clock.now()).toBe(1_000_000);
  vi.setSystemTime(1_000_001);
  expect(clock.now()).toBe(1_000_001);
});

test('a timer waits in steps for a time that is months away, and fires in time', () => {
  vi.useFakeTimers({ now: 0 });
  const clock = systemClock();
  const at = 2 ** 32 + 12_345;
  let firedAt: number | undefined;
  clock.at(at, () => {
    firedAt = clock.now();
  });
  const cancelled = clock.at(at, () => expect.fail('it was cancelled'));
  vi.advanceTimersByTime(at - 1);
  expect(firedAt).toBeUndefined();
  cancelled.cancel();
  vi.advanceTimersByTime(1);
  expect(firedAt).toBe(at);
});

test('a timer notices a jump of the clock within a minute', () => {
  vi.useFakeTimers({ now: 0 });
  const clock = systemClock();
  let isFired = false;
  clock.at(3_600_000, () => {
    isFired = true;
  });
  vi.setSystemTime(3_600_000);
  vi.advanceTimersByTime(60_000);
  expect(isFired).toBe(true);
});

test('no time is no time', () => {
  expect(() => systemClock().at(Number.NaN, () => {})).toThrow(RangeError);
});

test('a sleep that is over leaves no listener on its signal', async () => {
  const controller = new AbortController();
  const remove = vi.spyOn(controller.signal, 'removeEventListener');
  await systemClock().sleep(1, controller.signal);
  expect(remove).toHaveBeenCalledWith('abort', expect.any(Function));
});
