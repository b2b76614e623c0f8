import {
  Bool,
  type DataType,
  DateDay,
  DateMillisecond,
  Dictionary,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  LargeUtf8,
  List,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  tableFromIPC,
  tableToIPC,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryRows } from '../../schema/arbitrary-fields.fixture.ts';
import type { Fields, Row } from '../../schema/index.ts';
import { Frame, fromArrowStream, toArrowStream } from '../index.ts';

type Rows = readonly Row<Fields>[];

/** Frames cut from one, so that buffers are views, offsets do not begin at 0 and dictionaries hold more than is used. */
const cut = (fields: Fields, rows: Rows, size: number): Frame[] => {
  const whole = Frame.concat([Frame.fromRows(fields, rows), Frame.fromRows(fields, rows)]).slice(rows.length);
  const frames: Frame[] = [];
  for (let at = 0; at === 0 || at < rows.length; at += size) frames.push(whole.slice(at, at + size));
  return frames;
};

/** What apache-arrow gives for a value, as a frame would give it. */
const plain = (value: unknown): unknown => {
  if (value === null || value === undefined || typeof value !== 'object') return value;
  const inner = (value as { toArray?: () => unknown }).toArray?.();
  return inner instanceof Float32Array ? inner : Array.from(value as Iterable<unknown>, plain);
};
const apacheRows = (table: Table): unknown[] =>
  Array.from({ length: table.numRows }, (_, row) =>
    Object.fromEntries(table.schema.fields.map((field, at) => [field.name, plain(table.getChildAt(at)?.get(row))])),
  );

describe('streams that Milonga writes', () => {
  const size = fc.integer({ min: 1, max: 40 });

  it('come back as they were', () => {
    fc.assert(
      fc.property(arbitraryRows(), size, fc.integer({ min: 0, max: 9 }), ([fields, rows], batch, shift) => {
        const frames = cut(fields, rows, batch);
        const bytes = toArrowStream(frames);
        const moved = new Uint8Array(bytes.length + shift).subarray(shift); // in memory, a stream may begin anywhere
        moved.set(bytes);
        const back = fromArrowStream(moved);
        expect(back[0]!.layout.schema).toEqual(fields);
        expect(back.flatMap((frame) => frame.toRows())).toEqual(rows);
        expect(fromArrowStream(toArrowStream(back)).flatMap((frame) => frame.toRows())).toEqual(rows);
      }),
      { numRuns: 300 },
    );
  });

  it('are read by apache-arrow', () => {
    fc.assert(
      fc.property(arbitraryRows(), size, ([fields, rows], batch) => {
        fc.pre(Object.keys(fields).length > 0);
        expect(apacheRows(tableFromIPC(toArrowStream(cut(fields, rows, batch))))).toEqual(rows);
      }),
      { numRuns: 300 },
    );
  });

  it('survive apache-arrow: read there, written there, read here', () => {
    fc.assert(
      fc.property(arbitraryRows(), ([fields, rows]) => {
        fc.pre(Object.keys(fields).length > 0);
        const bytes = tableToIPC(tableFromIPC(toArrowStream(Frame.fromRows(fields, rows))), 'stream');
        const back = fromArrowStream(bytes);
        expect(back.flatMap((frame) => frame.toRows())).toEqual(rows);
        expect(back[0]!.layout.schema).toEqual(fields);
      }),
      { numRuns: 200 },
    );
  });
});

/** A type of apache-arrow, values for it, and what a frame makes of them. */
interface Foreign {
  /** A new one for each column: a dictionary type has an id of its own. */
  readonly type: () => DataType;
  readonly value: fc.Arbitrary<unknown>;
  readonly read: (value: never) => unknown;
}

const text = fc.string({ unit: 'binary', maxLength: 12 });
const same = (value: unknown): unknown => value;
const number = (value: bigint): number => Number(value);
const moment = fc.integer({ min: -8e12, max: 8e12 });
const float = fc.float({ noNaN: true });
const floor =
  (divisor: number) =>
  (value: bigint): number =>
    Number((value - (((value % BigInt(divisor)) + BigInt(divisor)) % BigInt(divisor))) / BigInt(divisor));
const item = (type: DataType): Field => new Field('item', type, true);

const foreign: readonly Foreign[] = [
  { type: () => new Utf8(), value: text, read: same },
  { type: () => new LargeUtf8(), value: text, read: same },
  { type: () => new Dictionary(new Utf8(), new Int8()), value: fc.constantFrom('a', 'é', '𝄞'), read: same },
  { type: () => new Dictionary(new Utf8(), new Uint16()), value: text, read: same },
  { type: () => new Dictionary(new Utf8(), new Int32()), value: text, read: same },
  { type: () => new Int8(), value: fc.integer({ min: -128, max: 127 }), read: same },
  { type: () => new Int16(), value: fc.integer({ min: -32768, max: 32767 }), read: same },
  { type: () => new Int32(), value: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), read: same },
  { type: () => new Int64(), value: fc.bigInt({ min: -(2n ** 53n) + 1n, max: 2n ** 53n - 1n }), read: number },
  { type: () => new Uint8(), value: fc.integer({ min: 0, max: 255 }), read: same },
  { type: () => new Uint16(), value: fc.integer({ min: 0, max: 65535 }), read: same },
  { type: () => new Uint32(), value: fc.integer({ min: 0, max: 2 ** 32 - 1 }), read: same },
  { type: () => new Uint64(), value: fc.bigInt({ min: 0n, max: 2n ** 53n - 1n }), read: number },
  { type: () => new Float32(), value: float, read: same },
  { type: () => new Float64(), value: fc.double({ noNaN: true }), read: same },
  { type: () => new Bool(), value: fc.boolean(), read: same },
  {
    type: () => new DateDay(),
    value: fc.integer({ min: -100_000, max: 100_000 }).map((day) => new Date(day * 86_400_000)),
    read: (date: Date) => date.getTime(),
  },
  { type: () => new DateMillisecond(), value: moment.map((at) => new Date(at)), read: (date: Date) => date.getTime() },
  { type: () => new TimestampMillisecond(), value: moment, read: same },
  { type: () => new List(item(new Utf8())), value: fc.array(text, { maxLength: 3 }), read: same },
  {
    type: () => new List(item(new Dictionary(new Utf8(), new Int32()))),
    value: fc.array(text, { maxLength: 3 }),
    read: same,
  },
  {
    type: () => new List(item(new Int16())),
    value: fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 3 }),
    read: same,
  },
  { type: () => new List(item(new Float32())), value: fc.array(float, { maxLength: 3 }), read: same },
  {
    type: () => new List(item(new Float64())),
    value: fc.array(fc.double({ noNaN: true }), { maxLength: 3 }),
    read: same,
  },
  {
    type: () => new FixedSizeList(3, item(new Float32())),
    value: fc.array(float, { minLength: 3, maxLength: 3 }),
    read: (value: number[]) => Float32Array.from(value),
  },
  {
    type: () => new FixedSizeList(2, item(new Float64())),
    value: fc.array(fc.double({ noNaN: true }), { minLength: 2, maxLength: 2 }),
    read: same,
  },
];

interface ForeignTable {
  readonly table: Table;
  readonly rows: readonly Record<string, unknown>[];
}

/** Several columns of any foreign type, with nulls, in several batches that may be slices. */
const foreignTable: fc.Arbitrary<ForeignTable> = fc
  .tuple(
    fc.array(fc.nat({ max: foreign.length - 1 }), { minLength: 1, maxLength: 5 }),
    fc.nat({ max: 30 }),
    fc.nat({ max: 30 }),
    fc.nat({ max: 30 }),
  )
  .chain(([kinds, length, one, other]) => {
    const columns = kinds.map((kind) =>
      fc.array(fc.option(foreign[kind]!.value, { nil: null, freq: 4 }), { minLength: length, maxLength: length }),
    );
    return fc.tuple(...columns).map((values): ForeignTable => {
      const vectors = Object.fromEntries(
        kinds.map((kind, at) => [`c${at}`, vectorFromArray(values[at]!, foreign[kind]!.type())]),
      );
      const [start, end] = [Math.min(one, other, length), Math.min(Math.max(one, other), length)];
      const rows = Array.from({ length }, (_, row) =>
        Object.fromEntries(
          kinds.map((kind, at) => {
            const value = values[at]![row];
            return [`c${at}`, value === null ? null : foreign[kind]!.read(value as never)];
          }),
        ),
      ).slice(start, end);
      return { table: new Table(vectors).slice(start, end), rows };
    });
  });

describe('streams that apache-arrow writes', () => {
  it('are read, of every plain type, sliced, with nulls', () => {
    fc.assert(
      fc.property(foreignTable, ({ table, rows }) => {
        const frames = fromArrowStream(tableToIPC(table, 'stream'));
        expect(frames.flatMap((frame) => frame.toRows())).toEqual(rows);
      }),
      { numRuns: 1000 },
    );
  });

  it('are read when they have no rows, or no batches', () => {
    const schema = new Schema([new Field('a', new Utf8(), true), new Field('b', new List(item(new Float64())), true)]);
    for (const table of [new Table(schema), new Table(schema, [])]) {
      const [frame] = fromArrowStream(tableToIPC(table, 'stream'));
      expect([frame!.length, frame!.layout.names, frame!.toRows()]).toEqual([0, ['a', 'b'], []]);
    }
  });

  it('are read in every unit of time, rounded down to milliseconds', () => {
    const units = [
      [new TimestampSecond(), (value: bigint) => Number(value) * 1000, 8e12],
      [new TimestampMicrosecond(), floor(1000), 8e15],
      [new TimestampNanosecond(), floor(1_000_000), 2 ** 62],
    ] as const;
    for (const [type, read, most] of units) {
      const count = fc.bigInt({ min: -BigInt(most), max: BigInt(most) });
      fc.assert(
        fc.property(fc.array(count, { minLength: 1, maxLength: 9 }), (values) => {
          const data = makeData({ type, length: values.length, data: BigInt64Array.from(values) as never });
          const struct = makeData({
            type: new Struct([new Field('at', type, true)]),
            length: values.length,
            children: [data],
          });
          const table = new Table([new RecordBatch(new Schema([new Field('at', type, true)]), struct)]);
          expect(fromArrowStream(tableToIPC(table, 'stream'))[0]!.toRows()).toEqual(
            values.map((value) => ({ at: read(value) })),
          );
        }),
      );
    }
  });

  it('are read when a dictionary grows or is replaced between batches', () => {
    const words = fc.array(fc.array(text, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(words, fc.boolean(), (batches, grows) => {
        const type = new Dictionary(new Utf8(), new Int32());
        const schema = new Schema([new Field('id', type, true)]);
        let dictionary = vectorFromArray([''], new Utf8());
        const recordBatches = batches.map((strings) => {
          const more = vectorFromArray(strings, new Utf8());
          const base = grows ? dictionary.length : 0;
          dictionary = grows ? dictionary.concat(more) : more; // apache-arrow sends what was added as a delta
          const data = Int32Array.from(strings, (_, code) => base + code);
          const column = makeData({ type, length: data.length, data, dictionary });
          return new RecordBatch(
            schema,
            makeData({ type: new Struct(schema.fields), length: data.length, children: [column] }),
          );
        });
        const frames = fromArrowStream(tableToIPC(new Table(schema, recordBatches), 'stream'));
        expect(frames.flatMap((frame) => frame.toRows())).toEqual(batches.flat().map((id) => ({ id })));
      }),
    );
  });
});
