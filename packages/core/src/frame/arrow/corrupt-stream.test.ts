import {
  type DataType,
  Decimal,
  Dictionary,
  Field,
  FixedSizeList,
  Float16,
  Float32,
  Int32,
  Int64,
  List,
  Null,
  Struct,
  Table,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MilongaError } from '../../errors/milonga-error.ts';
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
  vector,
} from '../../schema/index.ts';
import { Frame, fromArrowStream, toArrowStream } from '../index.ts';

const fields = {
  id: string(),
  at: timestamp(),
  live: nullable(boolean()),
  tags: nullable(list(string())),
  moments: list(timestamp()),
  where: vector(3),
  price: nullable(float64()),
  count: int32(),
  share: float32(),
  device: enumeration('phone', 'desktop'),
};
const row = (at: number) =>
  ({
    id: `id-${at}é`,
    at: 1_790_000_000_000 + at,
    live: at % 3 === 0 ? null : at % 2 === 0,
    tags: at % 4 === 0 ? null : ['a', `t${at}`],
    moments: [at],
    where: Float32Array.of(at, 1, 2),
    price: at % 5 === 0 ? null : at / 3,
    count: at,
    share: 0.5,
    device: at % 2 === 0 ? 'phone' : 'desktop',
  }) as const;
const frame = Frame.fromRows(
  fields,
  Array.from({ length: 9 }, (_, at) => row(at)),
);
const stream = toArrowStream([frame.slice(0, 5), frame.slice(5)]);

/** Refused with a typed error, or read: then every value can be looked at, and there are not more than bytes allow. */
const isRefused = (bytes: Uint8Array): boolean => {
  let frames: readonly Frame[];
  try {
    frames = fromArrowStream(bytes);
  } catch (error) {
    if (!MilongaError.isInstance(error)) throw error;
    expect(error.code).toMatch(/^MILONGA_ARROW_(CORRUPT|UNSUPPORTED)$/);
    return true;
  }
  for (const each of frames) {
    expect(each.length).toBeLessThanOrEqual(bytes.length * 8);
    each.toRows();
    fromArrowStream(toArrowStream(each));
  }
  return false;
};

describe('a damaged stream', () => {
  it('is refused wherever it is cut off', () => {
    for (let end = 0; end < stream.length; end += 1)
      expect([end, isRefused(stream.subarray(0, end))]).toEqual([end, true]);
    expect(isRefused(stream)).toBe(false);
    expect(isRefused(Buffer.concat([stream, Buffer.alloc(8)]))).toBe(true);
  });

  it('may lack its end only where that is allowed', () => {
    const open = stream.subarray(0, stream.length - 8);
    expect(() => fromArrowStream(open)).toThrow(/cut off before its end/);
    expect(fromArrowStream(open, { isEndOptional: true })).toHaveLength(2);
  });

  it('is refused or read, whatever byte changed', () => {
    for (let at = 0; at < stream.length; at += 1) {
      for (const flip of [1, 0x80, 0xff]) {
        const damaged = stream.slice();
        damaged[at]! ^= flip;
        isRefused(damaged);
      }
    }
  });

  it('is refused or read, whatever was done to it', () => {
    const change = fc.tuple(
      fc.nat({ max: stream.length - 4 }),
      fc.oneof(fc.constantFrom(0, -1, 1, 0x7fffffff, -0x80000000, 0x10000), fc.integer()),
    );
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const damaged = stream.slice();
        const view = new DataView(damaged.buffer);
        for (const [at, value] of changes) view.setInt32(at & ~3, value, true);
        isRefused(damaged);
      }),
      { numRuns: 5000 },
    );
  });

  it('is refused when it is something else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        expect(isRefused(noise)).toBe(true);
        const begun = new Uint8Array([0xff, 0xff, 0xff, 0xff, noise.length, 0, 0, 0, ...noise]);
        isRefused(begun);
      }),
      { numRuns: 2000 },
    );
    expect(() => fromArrowStream(Buffer.from('ARROW1\0\0more'))).toThrow(/file format/);
  });
});

const streamOf = (type: DataType, values: readonly unknown[]): Uint8Array =>
  tableToIPC(new Table({ c: vectorFromArray(values, type) }), 'stream');

describe('what frames cannot hold', () => {
  it.each([
    ['decimals', new Decimal(2, 10), [new Uint32Array(4)], /column "c" is decimal; cast it/],
    ['structs', new Struct([new Field('x', new Int32())]), [{ x: 1 }], /column "c" is struct/],
    ['half floats', new Float16(), [1], /half-precision float/],
    ['nulls as a type', new Null(), [null], /column "c" is null/],
    ['lists of lists', new List(new Field('item', new List(new Field('item', new Int32())))), [[[1]]], /list of lists/],
    ['dictionaries of numbers', new Dictionary(new Int64(), new Int32()), [1n], /dictionary of int/],
    ['integers beyond 2^53', new Int64(), [2n ** 53n + 1n], /an integer that float64 cannot hold/],
    [
      'nulls inside lists',
      new List(new Field('item', new Utf8(), true)),
      [['a', null]],
      /a null inside a list at row 0/,
    ],
    [
      'nulls inside vectors',
      new FixedSizeList(2, new Field('item', new Float32(), true)),
      [[1, null]],
      /a null inside a list at row 0/,
    ],
  ])('%s: an error that names the column', (_name, type, values, message) => {
    expect(() => fromArrowStream(streamOf(type as DataType, values as readonly unknown[]))).toThrow(message);
  });

  it('two columns of one name, and names that are none', () => {
    const one = vectorFromArray([1], new Int32());
    expect(() => fromArrowStream(tableToIPC(new Table({ 1: one }), 'stream'))).toThrow(/"1" cannot name a field/);
  });

  it('but an integer beyond 2^53 under a null is no obstacle', () => {
    const bytes = streamOf(new Int64(), [5n, null]);
    expect(fromArrowStream(bytes)[0]!.toRows()).toEqual([{ c: 5 }, { c: null }]);
  });
});
