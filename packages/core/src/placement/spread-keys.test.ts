import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { spreadKeys } from './spread-keys.ts';

const hashed = {
  slots: 16_384,
  placement: (key: string): number => createHash('sha1').update(key).digest().readUInt32LE(0) % 16_384,
};

test('each of as many equal runs of slots has one key, and the keys are the same every time', () => {
  for (const count of [1, 2, 3, 7, 12, 64, 1_000, 4_096]) {
    const keys = spreadKeys(hashed, 'pool/popular', count);
    const runs = keys.map((key) => Math.floor((hashed.placement(key) * count) / hashed.slots));
    expect(runs).toEqual(Array.from({ length: count }, (_, run) => run));
    expect(new Set(keys).size).toBe(count);
    expect(spreadKeys(hashed, 'pool/popular', count)).toEqual(keys);
  }
});

test('a store with fewer slots than keys has nothing to spread', () => {
  expect(spreadKeys({ slots: 1, placement: () => 0 }, 'pool', 3)).toEqual(['pool/0', 'pool/1', 'pool/2']);
});

test('what cannot be spread is refused', () => {
  for (const count of [0, -1, 1.5, Number.NaN, 4_097])
    expect(() => spreadKeys(hashed, 'pool', count)).toThrow('whole number from 1 to 4096');
  for (const name of ['', 'a{b}'])
    expect(() => spreadKeys(hashed, name, 2)).toThrow('must not be empty, nor have braces');
  expect(() => spreadKeys({ slots: 100, placement: () => 7 }, 'pool', 2)).toThrow('leaves slots out');
});
