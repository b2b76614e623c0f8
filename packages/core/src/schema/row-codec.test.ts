import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MilongaError } from '../errors/milonga-error.ts';
import { arbitraryFields, arbitraryRow } from './arbitrary-fields.fixture.ts';
import {
  boolean,
  decodeRow,
  encodeRow,
  fingerprint,
  float64,
  int32,
  list,
  nullable,
  rowFingerprint,
  string,
  timestamp,
  vector,
} from './index.ts';

const fields = {
  userId: string(),
  coins: int32(),
  tags: list(string()),
  price: nullable(float64()),
  live: nullable(boolean()),
  where: vector(2),
  at: timestamp(),
};
const row = {
  userId: 'u1',
  coins: -5,
  tags: ['é', ''],
  price: null,
  live: false,
  where: Float32Array.of(1, -2),
  at: 1_790_000_000_123,
};
const codeOf = (call: () => unknown): string | undefined => {
  try {
    call();
  } catch (error) {
    if (MilongaError.isInstance(error)) return error.code;
    throw error;
  }
  return undefined;
};

describe('encodeRow and decodeRow', () => {
  it('give back any row of any fields', () => {
    const rows = arbitraryFields().chain((any) => fc.tuple(fc.constant(any), arbitraryRow(any)));
    fc.assert(
      fc.property(rows, ([any, value]) => {
        expect(decodeRow(any, encodeRow(any, value))).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  it('give back long strings, long vectors and numbers at the edges', () => {
    const large = { text: string(), wide: vector(3000), n: list(int32()) };
    const value = {
      text: '𝄞é'.repeat(100_000),
      wide: new Float32Array(3000).fill(0.5),
      n: [0, -1, 1, 2 ** 31 - 1, -(2 ** 31), 63, 64, -64, -65],
    };
    expect(decodeRow(large, encodeRow(large, value))).toEqual(value);
    expect(decodeRow(fields, encodeRow(fields, row))).toEqual(row); // and the memory of the large row is let go
  });

  it('refuse every change of a byte and every cut', () => {
    const bytes = encodeRow(fields, row);
    for (let at = 0; at < bytes.length; at += 1) {
      for (const flip of [1, 0x80, 0xff]) {
        const damaged = bytes.slice();
        damaged[at]! ^= flip;
        const expected = at >= 1 && at < 5 ? 'MILONGA_ROW_FINGERPRINT' : 'MILONGA_ROW_CORRUPT';
        expect([at, codeOf(() => decodeRow(fields, damaged))]).toEqual([at, expected]);
      }
      expect(codeOf(() => decodeRow(fields, bytes.subarray(0, at)))).toBe('MILONGA_ROW_CORRUPT');
    }
    expect(codeOf(() => decodeRow(fields, Buffer.concat([bytes, Buffer.of(0)])))).toBe('MILONGA_ROW_CORRUPT');
  });

  it('refuse any bytes that only look like a row', () => {
    const header = encodeRow(fields, row).subarray(0, 5);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (noise) => {
        expect(codeOf(() => decodeRow(fields, noise))).toMatch(/MILONGA_ROW/);
        expect(codeOf(() => decodeRow(fields, Buffer.concat([header, noise])))).toBe('MILONGA_ROW_CORRUPT');
      }),
    );
  });

  it('tell another definition from damage', () => {
    const bytes = encodeRow(fields, row);
    const later = { ...fields, more: nullable(string()) };
    expect(codeOf(() => decodeRow(later, bytes))).toBe('MILONGA_ROW_FINGERPRINT');
    expect(rowFingerprint(bytes)).toBe(fingerprint(fields).slice(0, 8));
    expect(codeOf(() => rowFingerprint(Uint8Array.of(1, 2)))).toBe('MILONGA_ROW_CORRUPT');
  });

  it('refuse to write what is not of the type', () => {
    const wrong = [
      { userId: 1 },
      { coins: 0.5 },
      { coins: 2 ** 31 },
      { tags: 'x' },
      { tags: [1] },
      { price: '1' },
      { live: 1 },
      { where: [1, 2] },
      { at: 0.5 },
      { userId: null },
    ];
    for (const change of wrong)
      expect([change, codeOf(() => encodeRow(fields, { ...row, ...change } as never))]).toEqual([
        change,
        'MILONGA_SCHEMA_INVALID',
      ]);
  });
});
