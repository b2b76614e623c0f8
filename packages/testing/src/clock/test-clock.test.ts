import { expect, test } from 'vitest';
import { testClockConformance } from '../conformance/clock.ts';
import { type TestClock, testClock } from './test-clock.ts';

testClockConformance('testClock', {
  create: () => testClock({ now: 1_000_000 }),
  advanceTo: (clock, at) => (clock as TestClock).advanceTo(at),
});

test('timers fire in order of time, then of making, each at its own time', async () => {
  const clock = testClock();
  const fired: string[] = [];
  clock.at(20, () => fired.push(`b at ${clock.now()}`));
  clock.at(10, () => fired.push(`a at ${clock.now()}`));
  clock.at(20, () => fired.push(`c at ${clock.now()}`));
  clock.at(31, () => fired.push('too late'));
  await clock.advanceTo(30);
  expect(fired).toEqual(['a at 10', 'b at 20', 'c at 20']);
  expect(clock.now()).toBe(30);
  expect(clock.pending).toBe(1);
});

test('advancing waits for what the callbacks start, and fires timers that they set', async () => {
  const clock = testClock();
  const done: string[] = [];
  const chain = async (name: string): Promise<void> => {
    for (let i = 0; i < 50; i += 1) await Promise.resolve();
    done.push(name);
  };
  clock.at(10, () => {
    void chain('first');
    clock.at(15, () => void chain('second'));
  });
  await clock.advanceTo(20);
  expect(done).toEqual(['first', 'second']);
});

test('an earlier time changes nothing, and a time without timers is there at once', () => {
  const clock = testClock({ now: 100 });
  void clock.advanceTo(50);
  expect(clock.now()).toBe(100);
  void clock.advanceTo(200);
  expect(clock.now()).toBe(200);
});

test('two advances at the same time fire every timer once, in order', async () => {
  const clock = testClock();
  const fired: number[] = [];
  for (const at of [10, 20, 30]) clock.at(at, () => fired.push(at));
  await Promise.all([clock.advanceTo(15), clock.advanceTo(35), clock.advanceTo(5)]);
  expect(fired).toEqual([10, 20, 30]);
  expect(clock.now()).toBe(35);
});

test('what a callback throws rejects the advance; the other timers fire at the next', async () => {
  const clock = testClock();
  let isFired = false;
  clock.at(10, () => {
    throw new Error('from the callback');
  });
  clock.at(20, () => {
    isFired = true;
  });
  await expect(clock.advanceTo(30)).rejects.toThrow('from the callback');
  await clock.advanceTo(30);
  expect(isFired).toBe(true);
});

test('a held monotonic clock moves only when told, and ends sleeps', async () => {
  const clock = testClock({ monotonic: 'held' });
  expect(clock.monotonicMs()).toBe(0);
  const woken: number[] = [];
  void clock.sleep(20).then(() => woken.push(20));
  void clock.sleep(10).then(() => woken.push(10));
  await clock.advanceMonotonicBy(15);
  expect(woken).toEqual([10]);
  await clock.advanceMonotonicBy(15);
  expect(woken).toEqual([10, 20]);
  expect(clock.monotonicMs()).toBe(30);
  await expect(testClock().advanceMonotonicBy(1)).rejects.toThrow(TypeError);
});
