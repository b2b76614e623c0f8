import fc from 'fast-check';
import { expect, test } from 'vitest';
import { after, checkKey, checkName, MAX_KEY_BYTES, stringKeys, writeOrder } from './keys.ts';

const key = fc.uint8Array({ minLength: 1, maxLength: 8 });

test('the write order is a permutation that keeps equal keys in the order of the batch', () => {
  fc.assert(
    fc.property(fc.array(key, { maxLength: 200 }), fc.uint8Array({ maxLength: 5 }), (keys, prefix) => {
      const all = keys.map((own) => Buffer.concat([prefix, own]));
      const order = [...writeOrder(all)];
      expect([...order].sort((a, b) => a - b)).toEqual(all.map((_, i) => i));
      const lastAt = new Map<string, number>();
      for (const i of order) {
        const name = all[i]!.toString('hex');
        expect(i).toBeGreaterThan(lastAt.get(name) ?? -1);
        lastAt.set(name, i);
      }
    }),
  );
});

test('a large batch is ascending where four bytes behind the shared beginning tell', () => {
  const keys = Array.from({ length: 5_000 }, (_, i) =>
    Buffer.from(`same/beginning/${String((i * 7_919) % 5_000).padStart(4, '0')}`),
  );
  const sorted = [...writeOrder(keys)].map((i) => keys[i]!.toString());
  expect(sorted).toEqual([...sorted].sort());
});

test('strings are written as their UTF-8 bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 90 }), fc.nat(20), (text, start) => {
      const target = Buffer.alloc(1_000);
      const end = stringKeys.writeKey(text, target, start);
      expect(target.subarray(start, end).equals(Buffer.from(text))).toBe(true);
      expect(stringKeys.readKey(target, start, end)).toBe(text);
    }),
  );
});

test('keys that are empty or too long are refused with the limit', () => {
  const invalid = expect.objectContaining({
    code: 'MILONGA_KEY_INVALID',
    message: expect.stringContaining(String(MAX_KEY_BYTES)),
  });
  expect(checkKey(new Uint8Array(MAX_KEY_BYTES), 'x').length).toBe(MAX_KEY_BYTES);
  expect(() => checkKey(new Uint8Array(), 'x')).toThrow(invalid);
  expect(() => checkKey(new Uint8Array(MAX_KEY_BYTES + 1), 'x')).toThrow(invalid);
  expect(checkName('ü'.repeat(MAX_KEY_BYTES / 2), 'x').length).toBe(MAX_KEY_BYTES / 2);
  expect(() => checkName('', 'x')).toThrow(invalid);
  expect(() => checkName('ü'.repeat(MAX_KEY_BYTES / 2 + 1), 'x')).toThrow(invalid);
});

test('nothing lies between a key and the one after it', () => {
  fc.assert(
    fc.property(key, key, (one, other) => {
      const between = Buffer.compare(one, other) < 0 && Buffer.compare(other, after(one)) < 0;
      expect(between).toBe(false);
    }),
  );
});
