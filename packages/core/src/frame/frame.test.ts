import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  boolean,
  enumeration,
  float32,
  float64,
  int32,
  list,
  nullable,
  stackFields,
  string,
  timestamp,
  vector,
} from '../schema/index.ts';
import { Frame, FrameBuilder, Interner, Layout, scatter } from './index.ts';

const fields = {
  id: string(),
  at: timestamp(),
  live: boolean(),
  tags: list(string()),
  moments: list(timestamp()),
  where: vector(2),
  price: nullable(float64()),
  count: int32(),
  share: float32(),
  device: enumeration('phone', 'desktop'),
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
    moments: [],
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
    device: 'phone',
    note: '',
  },
] as const;
const frame = Frame.fromRows(fields, rows);

describe('Frame', () => {
  it('gives back the rows it was made of', () => {
    expect(frame.toRows()).toEqual(rows);
    expect(frame.toRows(Int32Array.of(2, 0), ['id', 'price'])).toEqual([
      { id: 'c', price: Number.NaN },
      { id: 'a', price: null },
    ]);
    expect(frame.column('at').toArray()).toEqual(rows.map((row) => row.at));
  });

  it('takes, slices, selects, renames and concatenates', () => {
    expect(frame.take(Int32Array.of(2, 0, 2)).toRows()).toEqual([rows[2], rows[0], rows[2]]);
    expect(frame.slice(1).toRows()).toEqual(rows.slice(1));
    expect(frame.slice(-2, -1).toRows()).toEqual(rows.slice(-2, -1));
    expect(Frame.concat([frame, frame.slice(1, 2), frame]).toRows()).toEqual([...rows, rows[1], ...rows]);
    expect(frame.select(['count', 'id']).rename({ id: 'key' }).toRows()).toEqual(
      rows.map(({ count, id }) => ({ count, key: id })),
    );
  });

  it('fills what a frame lacks with nulls', () => {
    const left = Frame.fromRows({ id: string(), a: int32(), tags: list(string()) }, [{ id: 'x', a: 1, tags: ['t'] }]);
    const right = Frame.fromRows({ id: string(), b: boolean() }, [{ id: 'y', b: true }]);
    const stacked = Frame.concat([left, right], stackFields([left.layout.schema, right.layout.schema]));
    expect(stacked.toRows()).toEqual([
      { id: 'x', a: 1, tags: ['t'], b: null },
      { id: 'y', a: null, tags: null, b: true },
    ]);
    expect(() => Frame.concat([left, right], { id: string(), a: int32() })).toThrow(/lacks column "a"/);
    expect(() => Frame.concat<{ readonly id: ReturnType<typeof string> }>([left, right])).toThrow(/different columns/);
  });

  it('moves one row over the columns, and a row that escaped cannot be read', () => {
    const seen: unknown[] = [];
    let escaped: { readonly id: string } | undefined;
    frame.forEach((row, index) => {
      escaped ??= row;
      seen.push([
        index,
        row.id,
        row.at,
        row.live,
        row.tags,
        [...row.where],
        row.price,
        row.count,
        row.device,
        row.note,
      ]);
    });
    expect(seen).toEqual(
      rows.map((row, index) => [
        index,
        row.id,
        row.at,
        row.live,
        row.tags,
        [...row.where],
        row.price,
        row.count,
        row.device,
        row.note,
      ]),
    );
    expect(() => escaped?.id).toThrow(/after its loop/);
    frame.forEach((row) => {
      expect(row.id).toBeTypeOf('string');
      expect(() => escaped?.id).toThrow(/after its loop/); // also while the same cursor serves another loop
    });
  });

  it('shows a row that is printed or sent, though its fields are getters', () => {
    const texts: string[] = [];
    frame.select(['id', 'price']).forEach((row) => {
      texts.push(JSON.stringify(row), inspect(row));
    });
    expect(texts.slice(0, 4)).toEqual([
      '{"id":"a","price":null}',
      "{ id: 'a', price: null }",
      '{"id":"b","price":0.5}',
      "{ id: 'b', price: 0.5 }",
    ]);
  });

  it('gives columns as numbers, null as NaN', () => {
    expect(frame.column('price').toFloat64()).toEqual(Float64Array.of(Number.NaN, 0.5, Number.NaN));
    expect(frame.column('at').toFloat64()).toEqual(Float64Array.of(1_790_000_000_123, -5, 0));
    expect(frame.column('live').toFloat64()).toEqual(Float64Array.of(1, 0, 1));
    expect(frame.slice(1).column('count').toFloat64()).toEqual(Float64Array.of(7, 0));
    const scores = Float64Array.of(1, 2);
    expect(Frame.fromColumns({ score: float64() }, { score: scores }).column('score').toFloat64()).toBe(scores);
    expect(() => frame.column('id').toFloat64()).toThrow('Numbers were asked of a column that is string.');
  });

  it('does not mistake names with line breaks for several names', () => {
    const odd = Frame.fromRows({ a: int32(), b: int32(), 'a\nb': int32() }, [{ a: 1, b: 2, 'a\nb': 3 }]);
    expect(odd.select(['a', 'b']).toRows()).toEqual([{ a: 1, b: 2 }]);
    expect(odd.select(['a\nb']).toRows()).toEqual([{ 'a\nb': 3 }]);
  });

  it('refuses what cannot be right', () => {
    const at = { at: timestamp() };
    expect(() => Frame.fromColumns(at, { at: Float64Array.of(0.5) })).toThrow(
      'Column "at" takes whole Unix ms; found 0.5 at row 0.',
    );
    expect(() => Frame.fromColumns({ v: vector(3) }, { v: new Float32Array(4) })).toThrow(/"v"/);
    expect(() => Frame.fromColumns({ a: int32(), b: int32() }, { a: [1], b: [1, 2] })).toThrow(
      'Column "b" has 2 rows where 1 are expected.',
    );
    expect(() => Frame.fromColumns({ a: boolean() }, { a: new Uint8Array(1) })).toThrow(/options.length/);
    expect(() => Frame.fromColumns({ a: boolean() }, { a: new Uint8Array(1) }, { length: 9 })).toThrow(/9 rows need 2/);
    expect(() => frame.take(Int32Array.of(3))).toThrow('Row 3 was selected from a frame of 3 rows.');
    expect(() => frame.column('missing' as 'id')).toThrow('The frame has no column "missing"; it has id, at,');
    expect(() => frame.withColumns(frame.slice(1).rename({ id: 'x' }))).toThrow(
      /of 2 rows cannot be added to a frame of 3/,
    );
    expect(() => frame.withColumns(frame.select(['id']))).toThrow('Column "id" exists already; rename one of the two.');
    expect(() => frame.rename({ at: 'id' })).toThrow(/named twice/);
    const cursor = frame.layout.borrow(frame.columns);
    frame.layout.giveBack(cursor);
    expect(() => frame.layout.giveBack(cursor)).toThrow(/twice/);
  });

  it('joins large dictionaries by what is used of them', () => {
    const ids = new Interner();
    const many = Frame.fromRows(
      { id: string() },
      Array.from({ length: 5000 }, (_, at) => ({ id: `i${at}` })),
      { interners: { id: ids } },
    );
    const joined = Frame.concat([many.take(Int32Array.of(4000, 7)), Frame.fromRows({ id: string() }, [{ id: 'x' }])]);
    expect(joined.toRows()).toEqual([{ id: 'i4000' }, { id: 'i7' }, { id: 'x' }]);
    expect(joined.column('id').dictionary!.size).toBe(3);
  });

  it('scatters dense columns over a selection in any order', () => {
    const dense = Frame.fromRows(fields, [rows[2], rows[0]]);
    const selection = Int32Array.of(3, 1);
    for (const name of Layout.of(fields).names) {
      const spread = scatter(dense.column(name as 'id'), selection, 5);
      expect([spread.length, spread.at(3), spread.at(1)]).toEqual([5, rows[2][name as 'id'], rows[0][name as 'id']]);
    }
    expect(scatter(dense.column('tags'), selection, 5).toArray()).toEqual([[], ['x', 'y'], [], ['y'], []]);
    expect(scatter(dense.column('note'), selection, 5).toArray()).toEqual([null, null, null, '', null]);
  });

  it('builds by rows and by columns, and takes nothing of a bad row', () => {
    const builder = new FrameBuilder({ id: string(), tags: list(int32()), n: int32() }, { capacity: 1 });
    builder.append({ id: 'a', tags: [1, 2], n: 1 });
    expect(() => builder.append({ id: 'b', tags: [3], n: 1.5 })).toThrow(/"n" takes int32; found number 1.5/);
    expect(() => builder.append({ id: 'b', tags: [3, 4.5], n: 1 })).toThrow(/"tags" takes list\(int32\)/);
    builder.append({ id: 'c', tags: [5], n: 3 });
    expect(builder.finish().toRows()).toEqual([
      { id: 'a', tags: [1, 2], n: 1 },
      { id: 'c', tags: [5], n: 3 },
    ]);
    builder.column('id').push('d');
    expect(() => builder.finish()).toThrow(/0 rows/);
  });

  it('shares codes through an interner until its limit', () => {
    const ids = new Interner({ limit: 2 });
    const first = Frame.fromRows({ id: string() }, [{ id: 'a' }, { id: 'b' }], { interners: { id: ids } });
    const second = Frame.fromRows({ id: string() }, [{ id: 'b' }]).interned('id', ids);
    expect(second.column('id').dictionary).not.toBe(first.column('id').dictionary);
    expect(Frame.concat([first, second]).toRows()).toEqual([{ id: 'a' }, { id: 'b' }, { id: 'b' }]);
  });

  it('brings columns to declared types when nothing is lost', () => {
    const loose = Frame.fromColumns(
      { n: nullable(float64()), day: float64(), device: nullable(string()), embedding: list(float64()) },
      {
        n: [1, 2],
        day: Float64Array.of(0, 86_400_000),
        device: ['phone', 'desktop'],
        embedding: [
          [1, 2],
          [3, 4],
        ],
      },
    );
    const strict = loose.as({
      n: int32(),
      day: timestamp(),
      device: enumeration('phone', 'desktop'),
      embedding: vector(2),
      gap: nullable(string()),
    });
    expect(strict.toRows()[1]).toEqual({
      n: 2,
      day: 86_400_000,
      device: 'desktop',
      embedding: Float32Array.of(3, 4),
      gap: null,
    });
    expect(() => loose.as({ device: enumeration('phone') })).toThrow(
      'Column "device" cannot become enumeration("phone"): found string "desktop" at row 1.',
    );
    expect(() => loose.as({ embedding: vector(3) })).toThrow(/embedding.*vector\(3\)/);
    expect(() => loose.as({ n: string() })).toThrow('Column "n" is nullable(float64); it cannot become string.');
    const lists = Frame.fromColumns(
      { counts: list(float64()), none: list(float64()) },
      { counts: [[1, -2], []], none: [[], []] },
    );
    expect(lists.as({ counts: list(int32()), none: nullable(vector(2)) }).toRows()).toEqual([
      { counts: [1, -2], none: null },
      { counts: [], none: null },
    ]);
    expect(() => lists.as({ counts: list(string()) })).toThrow('it cannot become list(string)');
    const halves = Frame.fromColumns({ counts: list(float64()) }, { counts: [[1, 0.5]] });
    expect(() => halves.as({ counts: list(int32()) })).toThrow(/"counts" cannot become list\(int32\)/);
    expect(() => lists.as({ none: vector(2) })).toThrow(/"none" cannot become vector\(2\)/);
    const numbers = Frame.fromColumns({ x: float64() }, { x: Float64Array.of(0.1, 2 ** 31, 1e300) });
    expect(numbers.slice(0, 2).as({ x: float32() }).column('x').toArray()).toEqual([Math.fround(0.1), 2 ** 31]);
    expect(() => numbers.as({ x: float32() })).toThrow(/found number 1e\+300 at row 2/);
    expect(() => numbers.as({ x: int32() })).toThrow(/found number 0.1 at row 0/);
    expect(() => loose.as({ other: int32() })).toThrow(/lacks column "other"/);
  });
});
