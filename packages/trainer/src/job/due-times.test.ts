import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TrainableModel } from '../model/trainable-model.ts';
import { inDependencyOrder } from './dependency-order.ts';
import { DueTimes } from './due-times.ts';

const schedule = { everyMs: 100, startAt: undefined, startAfterMs: 250, delayMs: 0 };
const NEVER = Number.NEGATIVE_INFINITY;

test('the first run waits for enough data, then one comes every so often', () => {
  const times = new DueTimes(schedule);
  expect([times.hasOrigin, times.due(10_000, NEVER), times.nextAt(NEVER)]).toEqual([false, undefined, undefined]);
  times.beginAt(1_000);
  times.beginAt(5); // older events that come late do not move the schedule
  expect([times.due(1_249, NEVER), times.nextAt(NEVER)]).toEqual([undefined, 1_250]);
  expect(times.due(1_250, NEVER)).toBe(1_250);
  expect([times.due(1_349, 1_250), times.nextAt(1_250)]).toEqual([undefined, 1_350]);
  expect(times.due(1_351, 1_250)).toBe(1_350);
});

test('of several that were missed the latest is made, and a run on demand in between changes nothing', () => {
  const times = new DueTimes({ ...schedule, startAt: 0 });
  expect(times.due(777, NEVER)).toBe(750);
  expect(times.due(777, 749)).toBe(750);
  expect([times.due(777, 760), times.nextAt(760)]).toEqual([undefined, 850]);
});

test('a delay moves the start of a run, not the end of its data', () => {
  const times = new DueTimes({ ...schedule, startAt: 0, delayMs: 30 });
  expect([times.due(279, NEVER), times.due(280, NEVER), times.nextAt(250)]).toEqual([undefined, 250, 380]);
});

test('at the next moment something is due, and before it nothing is', () => {
  fc.assert(
    fc.property(fc.nat(5_000), fc.nat(500), fc.nat(5_000), (startAt, delayMs, trainedUntil) => {
      const times = new DueTimes({ ...schedule, startAt, delayMs });
      const next = times.nextAt(trainedUntil)!;
      expect(times.due(next, trainedUntil)).toBeGreaterThan(trainedUntil);
      expect(times.due(next - 1, trainedUntil)).toBeUndefined();
    }),
  );
});

test('models come after those that they use', () => {
  const model = (name: string, ...after: string[]) => ({ name, training: { after } }) as unknown as TrainableModel;
  const ordered = inDependencyOrder([
    model('ranker', 'bought', 'taste'),
    model('taste'),
    model('bought', 'taste', 'elsewhere'),
  ]);
  expect(ordered.map(({ name }) => name)).toEqual(['taste', 'bought', 'ranker']);
  expect(() => inDependencyOrder([model('a', 'b'), model('b', 'a')])).toThrow('in a circle: a -> b -> a');
});
