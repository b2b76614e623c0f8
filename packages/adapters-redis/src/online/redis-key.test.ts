import calculateSlot from 'cluster-key-slot';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redisKey } from './redis-key.ts';

const key = fc.string({
  unit: fc.constantFrom('{', '}', 'a', 'b', ')', ':', 'r', 'l', 'ü'),
  minLength: 1,
  maxLength: 6,
});

test('keys and kinds never meet', () => {
  fc.assert(
    fc.property(key, key, (one, other) => {
      const keys = [one, other].flatMap((name) => [redisKey('p:', 'r', name), redisKey('p:', 'l', name)]);
      expect(new Set(keys).size).toBe(one === other ? 2 : 4);
    }),
    { numRuns: 2_000 },
  );
});

test('all that lies under a key lies in one slot, whatever the prefix', () => {
  fc.assert(
    fc.property(key, (name) => {
      const slots = ['r', 'l', 'lease', 'token'].flatMap((kind) =>
        ['', 'milonga:'].map((prefix) => calculateSlot(redisKey(prefix, kind, name))),
      );
      expect(new Set(slots).size).toBe(1);
    }),
    { numRuns: 1_000 },
  );
});

test('a hash tag decides the slot, and without one the whole key', () => {
  const slotOf = (name: string): number => calculateSlot(redisKey('milonga:', 'r', name));
  expect(slotOf('{customer/7}/history')).toBe(calculateSlot('customer/7'));
  expect(slotOf('customer/7')).toBe(calculateSlot('customer/7'));
  expect(() => redisKey('milonga:', 'r', '')).toThrow('must not be empty');
});
