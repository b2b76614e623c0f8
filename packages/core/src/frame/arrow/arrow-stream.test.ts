import { tableFromIPC } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
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
import { Frame, fromArrowStream, Interner, toArrowStream } from '../index.ts';
import { duckdbStream } from './duckdb-stream.fixture.ts';

const fields = {
  id: string(),
  at: timestamp(),
  live: boolean(),
  tags: list(string()),
  moments: nullable(list(timestamp())),
  where: vector(2),
  price: nullable(float64()),
  count: int32(),
  share: float32(),
  device: nullable(enumeration('phone', 'desktop')),
  note: nullable(string()),
};
const rows = [
  {
    id: 'a',
    at: 1_790_000_000_123,
    live: true,
    tags: ['x', 'y'],
    moments: [-1, 2 ** 40],
    where: Float32Array.of(1, 2),
    price: null,
    count: -3,
    share: 0.5,
    device: 'phone',
    note: null,
  },
  {
    id: 'b',
    at: -5,
    live: false,
    tags: [],
    moments: null,
    where: Float32Array.of(3, 4),
    price: 0.5,
    count: 7,
    share: -1,
    device: 'desktop',
    note: 'é',
  },
  {
    id: 'c',
    at: 0,
    live: true,
    tags: ['y'],
    moments: [7],
    where: Float32Array.of(5, 6),
    price: Number.NaN,
    count: 0,
    share: 0,
    device: null,
    note: '',
  },
] as const;
const frame = Frame.fromRows(fields, rows);

describe('an Arrow stream', () => {
  it('keeps fields and rows, and every library reads it', () => {
    const bytes = toArrowStream([frame, frame.slice(1)]);
    const back = fromArrowStream(bytes);
    expect(back.map((each) => each.toRows())).toEqual([rows, rows.slice(1)]);
    expect(back[0]!.layout.schema).toEqual(fields);
    const table = tableFromIPC(bytes);
    expect(
      table.schema.fields.map(({ name, type, nullable: isNullable }) => `${name}: ${type}${isNullable ? '?' : ''}`),
    ).toEqual([
      'id: Dictionary<Int32, Utf8>',
      'at: Timestamp<MILLISECOND, UTC>',
      'live: Bool',
      'tags: List<Dictionary<Int32, Utf8>>',
      'moments: List<Timestamp<MILLISECOND, UTC>>?',
      'where: FixedSizeList[2]<Float32>',
      'price: Float64?',
      'count: Int32',
      'share: Float32',
      'device: Dictionary<Int32, Utf8>?',
      'note: Dictionary<Int32, Utf8>?',
    ]);
    expect(table.getChild('device')?.toArray()).toEqual(['phone', 'desktop', null, 'desktop', null]);
  });

  it('is read without a copy, also from the middle of a larger buffer', () => {
    const bytes = toArrowStream(frame);
    const [back] = fromArrowStream(bytes);
    for (const name of ['at', 'live', 'where', 'price', 'count', 'share'] as const)
      expect(back!.column(name).values.buffer).toBe(bytes.buffer);
    expect(back!.column('price').validity?.buffer).toBe(bytes.buffer);
    expect(back!.column('tags').offsets?.buffer).toBe(bytes.buffer);
    const inside = Buffer.concat([Buffer.alloc(24), bytes]).subarray(24);
    expect(fromArrowStream(inside)[0]!.toRows()).toEqual(rows);
  });

  it('gives streams of one schema one layout, so that cursors are compiled once', () => {
    const [first] = fromArrowStream(toArrowStream(frame));
    const [second] = fromArrowStream(toArrowStream(frame.slice(2)));
    expect(second!.layout).toBe(first!.layout);
  });

  it('has only the strings in use', () => {
    const ids = new Interner();
    const all = Array.from({ length: 10_000 }, (_, at) => ({ id: `streamer-${at}` }));
    const large = Frame.fromRows({ id: string() }, all, { interners: { id: ids } });
    const few = large.take(Int32Array.of(7, 9_999, 7));
    const bytes = toArrowStream(few);
    expect(bytes.length).toBeLessThan(1000);
    expect(fromArrowStream(bytes)[0]!.toRows()).toEqual([all[7], all[9_999], all[7]]);
  });

  it('sends a dictionary once for all batches that share it', () => {
    const strings = Frame.fromRows(
      { id: string() },
      Array.from({ length: 1000 }, (_, at) => ({ id: `a-long-name-for-an-item-${at}` })),
    );
    const once = toArrowStream(strings).length;
    expect(toArrowStream([strings, strings]).length).toBeLessThan(once * 1.3);
  });

  it('keeps columns that have no rows', () => {
    const [empty] = fromArrowStream(toArrowStream(Frame.empty(fields)));
    expect([empty!.length, empty!.layout.names]).toEqual([0, Object.keys(fields)]);
    expect(() => toArrowStream([])).toThrow(/No frames/);
    expect(() => toArrowStream([frame, frame.select(['id'])])).toThrow(/different columns/);
  });

  it('is read as DuckDB hands it out, in every plain type', () => {
    const [duckdb] = fromArrowStream(duckdbStream);
    const row = duckdb!.toRows()[1]!;
    expect(row).toEqual({
      bigint: 9_007_199_254_740_990,
      integer: 1,
      utinyint: 201,
      double: 1.5,
      float: Math.fround(1 / 3),
      boolean: false,
      varchar: 'é1',
      nulls: null,
      date: 0,
      timestamp: Date.UTC(2020, 0, 1, 0, 0, 1, 123),
      timestamp_ns: Date.UTC(2020, 0, 1, 0, 0, 0, 123),
      timestamp_s: Date.UTC(1960, 0, 1),
      timestamptz: Date.UTC(2020, 0, 1),
      'integer[]': [1, 7],
      'varchar[]': ['a', 'b1'],
      'float[2]': Float32Array.of(1.5, 1),
      enum: 'm',
      uinteger: 4_294_967_295,
      'double[]': [1.5],
    });
    const declared = { integer: int32(), date: timestamp(), enum: enumeration('l', 'm'), 'float[2]': vector(2) };
    expect(duckdb!.as(declared).layout.schema).toEqual(declared);
  });
});
