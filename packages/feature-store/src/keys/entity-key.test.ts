import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterPrefix, entityKey, keyPrefix, partsOf } from './entity-key.ts';
import { onlineKey } from './online-key.ts';

const part = fc.string({ unit: fc.constantFrom('a', 'b', '\0', '\u0001', 'é', '😀', '/', '%', 'ÿ'), maxLength: 6 });
const parts = fc.array(part, { minLength: 1, maxLength: 3 });

describe('entityKey', () => {
  it('gives the parts back', () => {
    fc.assert(
      fc.property(parts, (key) => {
        expect(partsOf(entityKey(key))).toEqual(key);
      }),
    );
  });

  it('never gives two keys the same bytes, nor the same text online', () => {
    fc.assert(
      fc.property(parts, parts, (left, right) => {
        const isSame = JSON.stringify(left) === JSON.stringify(right);
        expect(Buffer.compare(entityKey(left), entityKey(right)) === 0).toBe(isSame);
        expect(onlineKey('item', left) === onlineKey('item', right)).toBe(isSame);
      }),
    );
  });

  it('keeps keys with the same first parts together in one range, and no others in it', () => {
    fc.assert(
      fc.property(part, part, part, (first, second, other) => {
        const [start, end] = [keyPrefix([first]), afterPrefix(keyPrefix([first]))];
        const isInside = (key: Uint8Array): boolean => Buffer.compare(key, start) >= 0 && Buffer.compare(key, end) < 0;
        expect(isInside(entityKey([first, second]))).toBe(true);
        if (other !== first) expect(isInside(entityKey([other, second]))).toBe(false);
      }),
    );
  });

  it('spreads names that look alike', () => {
    const prefixes = new Set(Array.from({ length: 1_000 }, (_, at) => entityKey([`user-${at}`])[1]! >>> 4));
    expect(prefixes.size).toBe(16);
  });

  it('refuses a part that stores may not take', () => {
    expect(() => entityKey(['x'.repeat(257)])).toThrow(expect.objectContaining({ code: 'MILONGA_KEY_INVALID' }));
    expect(() => partsOf(Uint8Array.of(9, 0, 0, 65, 0))).toThrow(
      expect.objectContaining({ code: 'MILONGA_STORAGE_CORRUPT' }),
    );
  });
});
