import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryFields, arbitraryRow } from './arbitrary-fields.fixture.ts';
import {
  boolean,
  enumeration,
  float32,
  float64,
  int32,
  list,
  nullable,
  string,
  timestamp,
  toJsonSchema,
  type ValueType,
  validate,
  vector,
} from './index.ts';

const messageOf = (type: ValueType, value: unknown): string | undefined =>
  validate({ x: type }, { x: value }).issues?.[0]?.message;
const storedOf = (type: ValueType, value: unknown): unknown => validate({ x: type }, { x: value }).value?.x;

describe('validate', () => {
  it('takes every row of its fields, and gives it back', () => {
    const rows = arbitraryFields().chain((fields) => fc.tuple(fc.constant(fields), arbitraryRow(fields)));
    fc.assert(
      fc.property(rows, ([fields, row]) => {
        expect(validate(fields, row)).toEqual({ value: { ...row } });
      }),
    );
  });

  it('says where, what was expected and what was found', () => {
    expect(messageOf(int32(), '5')).toBe('x: expected int32, found string "5"');
    expect(messageOf(int32(), 2 ** 31)).toBe('x: expected int32, found number 2147483648');
    expect(messageOf(int32(), 0.5)).toBe('x: expected int32, found number 0.5');
    expect(messageOf(float64(), Number.NaN)).toBe('x: expected finite float64, found number NaN');
    expect(messageOf(float32(), 1e39)).toBe('x: expected finite float32, found number 1e+39');
    expect(messageOf(boolean(), 'true')).toBe('x: expected boolean, found string "true"');
    expect(messageOf(string(), undefined)).toBe('x: expected string, found nothing');
    expect(messageOf(string(), null)).toBe('x: expected string, found null');
    expect(messageOf(string(), '\ud800')).toBe('x: expected well-formed Unicode, found a string with a lone surrogate');
    expect(messageOf(enumeration('a', 'b'), 'c')).toBe('x: expected enumeration("a", "b"), found string "c"');
    expect(messageOf(vector(2), [1])).toBe('x: expected vector(2), found 1 elements');
    expect(messageOf(vector(2), [1, Number.POSITIVE_INFINITY])).toBe(
      'x.1: expected finite float32, found number Infinity',
    );
    expect(messageOf(list(int32()), [1, 'b'])).toBe('x.1: expected int32, found string "b"');
    expect(messageOf(list(string()), ['a', null])).toBe('x.1: expected string, found null');
    expect(messageOf(nullable(list(string())), {})).toBe('x: expected list(string), found object');
    expect(validate({ x: list(string()) }, { x: [1] }).issues?.[0]).toEqual({
      path: ['x', 0],
      expected: 'string',
      found: 'number 1',
      message: 'x.0: expected string, found number 1',
    });
    expect(validate({}, []).issues).toEqual([
      { path: [], expected: 'an object', found: 'array of 0', message: 'expected an object, found array of 0' },
    ]);
  });

  it('takes moments as whole Unix ms, as ISO 8601 with a zone, and as Date', () => {
    expect(storedOf(timestamp(), 1_790_000_000_123)).toBe(1_790_000_000_123);
    expect(storedOf(timestamp(), '2026-09-21T12:26:40.123Z')).toBe(Date.UTC(2026, 8, 21, 12, 26, 40, 123));
    expect(storedOf(timestamp(), '2026-09-21T14:26:40+02:00')).toBe(Date.UTC(2026, 8, 21, 12, 26, 40));
    expect(storedOf(timestamp(), new Date(5))).toBe(5);
    for (const bad of [
      0.5,
      '2026-09-21',
      '2026-09-21T12:26:40',
      '2026-13-21T12:26:40Z',
      'soon',
      8.64e15 + 1,
      new Date(Number.NaN),
      true,
    ]) {
      expect(messageOf(timestamp(), bad)).toMatch(/^x: expected timestamp/);
    }
  });

  it('stores what it says: float32 rounded, arrays of numbers as vectors', () => {
    expect(storedOf(float32(), 0.1)).toBe(Math.fround(0.1));
    expect(storedOf(vector(2), [0.1, 2])).toEqual(Float32Array.of(0.1, 2));
    expect(Object.is(storedOf(int32(), -0), 0)).toBe(true);
  });

  it('takes a missing nullable field as null, and refuses or strips what is not declared', () => {
    const fields = { a: nullable(string()), b: int32() };
    expect(validate(fields, { b: 1 })).toEqual({ value: { a: null, b: 1 } });
    expect(validate(fields, { b: 1, c: 2 }).issues?.[0]?.message).toBe('c: expected no such field, found number 2');
    expect(validate(fields, { b: 1, c: 2 }, { unknownFields: 'strip' })).toEqual({ value: { a: null, b: 1 } });
    expect(validate(fields, JSON.parse('{"b": 1, "__proto__": {"a": "x"}}')).issues?.[0]?.path).toEqual(['__proto__']);
    expect(validate(fields, Object.create({ a: 'inherited', b: 1 })).issues?.[0]?.message).toBe(
      'b: expected int32, found nothing',
    );
  });

  it('reports every field, but never an endless list', () => {
    expect(validate({ a: int32(), b: int32() }, { a: 'x', b: 'y' }).issues).toHaveLength(2);
    const hostile = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`k${at}`, at]));
    expect(validate({}, hostile).issues).toHaveLength(32);
    expect(validate({ x: list(int32()) }, { x: new Array(10_000).fill('no') }).issues).toHaveLength(32);
  });

  it('never throws, whatever comes', () => {
    const hostile = JSON.parse('{"x": {"constructor": null, "toString": 1, "length": -1, "hasOwnProperty": 0}}');
    expect(validate({ x: int32() }, hostile).issues?.[0]?.message).toBe('x: expected int32, found object');
    fc.assert(
      fc.property(
        arbitraryFields(),
        fc.anything({ withNullPrototype: true, withDate: true, withTypedArray: true }),
        (fields, value) => {
          const result = validate(fields, value);
          if (result.issues !== undefined)
            for (const issue of result.issues) expect(issue.message).toContain(issue.expected);
        },
      ),
    );
  });
});

describe('toJsonSchema', () => {
  it('describes both sides of a border', () => {
    const fields = { at: timestamp(), device: nullable(enumeration('phone', 'desktop')), where: vector(2) };
    expect(toJsonSchema(fields)).toEqual({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: {
        at: {
          anyOf: [
            { type: 'integer', description: 'Unix milliseconds' },
            { type: 'string', format: 'date-time' },
          ],
        },
        device: { anyOf: [{ type: 'string', enum: ['phone', 'desktop'] }, { type: 'null' }] },
        where: { type: 'array', items: { type: 'number' }, minItems: 2, maxItems: 2 },
      },
      required: ['at', 'where'],
      additionalProperties: false,
    });
    expect(toJsonSchema(fields, { side: 'output' }).required).toEqual(['at', 'device', 'where']);
    expect(toJsonSchema(fields, { target: 'openapi-3.0' }).properties).toMatchObject({
      device: { type: 'string', enum: ['phone', 'desktop', null], nullable: true },
    });
    expect(() => toJsonSchema(fields, { target: 'draft-03' as 'draft-07' })).toThrow(/draft-03/);
  });
});
