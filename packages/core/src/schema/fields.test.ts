import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryFields } from './arbitrary-fields.fixture.ts';
import {
  describeType,
  enumeration,
  fingerprint,
  float64,
  int32,
  isSameFields,
  list,
  nullable,
  stackFields,
  string,
  validate,
  vector,
} from './index.ts';

describe('fingerprint', () => {
  it('never changes: it is stored beside data', () => {
    expect(fingerprint({ userId: string(), coins: nullable(int32()) })).toBe('902876ba719a9742');
    expect(fingerprint({})).toBe('4f53cda18c2baa0c');
  });

  it('is equal for equal fields and for no others', () => {
    fc.assert(
      fc.property(arbitraryFields(3), arbitraryFields(3), (left, right) => {
        expect(fingerprint(left)).toBe(fingerprint({ ...left }));
        expect(fingerprint(left) === fingerprint(right)).toBe(isSameFields(left, right));
      }),
    );
    expect(fingerprint({ a: int32(), b: int32() })).not.toBe(fingerprint({ b: int32(), a: int32() }));
  });
});

describe('describeType', () => {
  it('writes types as one would', () => {
    expect([nullable(list(string())), vector(8), enumeration('a"b')].map(describeType)).toEqual([
      'nullable(list(string))',
      'vector(8)',
      'enumeration("a\\"b")',
    ]);
  });
});

describe('stackFields', () => {
  it('makes nullable what one lacks', () => {
    const stacked = stackFields([
      { id: string(), a: int32() },
      { id: string(), b: nullable(float64()) },
    ]);
    expect(Object.entries(stacked).map(([name, type]) => [name, describeType(type)])).toEqual([
      ['id', 'string'],
      ['a', 'nullable(int32)'],
      ['b', 'nullable(float64)'],
    ]);
    expect(() => stackFields([{ a: int32() }, { a: string() }])).toThrow(
      'Column "a" cannot have several types at once: found int32 and string.',
    );
  });
});

describe('definitions', () => {
  it('refuse names that JavaScript reorders, and empty types', () => {
    for (const name of ['', '7', '__proto__'])
      expect(() => validate(Object.fromEntries([[name, int32()]]), {})).toThrow(/cannot name a field/);
    expect(() => enumeration()).toThrow(/one or more/);
    expect(() => enumeration('a', 'a')).toThrow(/different/);
    expect(() => vector(0)).toThrow(/1 to 65,536/);
  });
});
