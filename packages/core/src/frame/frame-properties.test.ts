import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryRow, arbitraryRows } from '../schema/arbitrary-fields.fixture.ts';
import { type Fields, nullable, type Row, string, type ValueType } from '../schema/index.ts';
import { Frame, FrameBuilder, firstRows, Interner, scatter } from './index.ts';

type Rows = readonly Row<Fields>[];

/** Fields with rows, and a selection of the rows in any order, with repeats. */
const selected = arbitraryRows().chain(([fields, rows]) =>
  fc.tuple(
    fc.constant(fields),
    fc.constant(rows),
    rows.length === 0 ? fc.constant([]) : fc.array(fc.nat({ max: rows.length - 1 }), { maxLength: 50 }),
  ),
);

/** A frame that has been through other operations, so that buffers are views, offsets do not begin at 0, codes are shifted. */
const worn = (fields: Fields, rows: Rows, cut: number): Frame => {
  const frame = Frame.fromRows(fields, rows);
  const at = rows.length === 0 ? 0 : cut % rows.length;
  const turned = Frame.concat([frame.slice(at), frame.slice(0, at), frame]); // at.., ..at, all
  return turned.slice(rows.length);
};

describe('a frame', () => {
  it('gives back its rows, however it came about', () => {
    fc.assert(
      fc.property(arbitraryRows(), fc.nat(), ([fields, rows], cut) => {
        expect(Frame.fromRows(fields, rows).toRows()).toEqual(rows);
        expect(worn(fields, rows, cut).toRows()).toEqual(rows);
        const builder = new FrameBuilder(fields, { capacity: 1 });
        for (const row of rows) builder.append(row);
        expect(builder.finish().toRows()).toEqual(rows);
        expect(builder.finish().toRows()).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('shows the same through a cursor, a column and an object', () => {
    fc.assert(
      fc.property(arbitraryRows(), fc.nat(), ([fields, rows], cut) => {
        const frame = worn(fields, rows, cut);
        const names = frame.layout.names;
        const seen: unknown[] = [];
        frame.forEach((row) => {
          seen.push(Object.fromEntries(names.map((name) => [name, copyOf(row[name])])));
        });
        expect(seen).toEqual(rows);
        for (const name of names) expect(frame.column(name).toArray()).toEqual(rows.map((row) => row[name]));
      }),
    );
  });

  it('takes, slices and selects as arrays do', () => {
    fc.assert(
      fc.property(
        selected,
        fc.integer({ min: -50, max: 50 }),
        fc.integer({ min: -50, max: 50 }),
        fc.nat(),
        ([fields, rows, selection], start, end, cut) => {
          const frame = worn(fields, rows, cut);
          expect(frame.take(Int32Array.from(selection)).toRows()).toEqual(selection.map((row) => rows[row]));
          expect(frame.toRows(Int32Array.from(selection))).toEqual(selection.map((row) => rows[row]));
          expect(frame.slice(start, end).toRows()).toEqual(rows.slice(start, end));
          expect(frame.slice(start, end).slice(1).take(Int32Array.of()).length).toBe(0);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('scatters what was taken back to where it was', () => {
    fc.assert(
      fc.property(selected, fc.nat(), ([fields, rows, selection], cut) => {
        const frame = worn(fields, rows, cut);
        const distinct = Int32Array.from(new Set(selection));
        const taken = frame.take(distinct);
        for (const name of frame.layout.names) {
          const spread = scatter(taken.column(name), distinct, frame.length);
          expect(spread.length).toBe(frame.length);
          for (const row of distinct) expect(spread.at(row)).toEqual(rows[row]![name]);
          if (spread.type.isNullable) expect(spread.nullCount).toBeGreaterThanOrEqual(frame.length - distinct.length);
          expect(Frame.fromColumns({ c: spread.type }, { c: spread }).toRows()).toHaveLength(frame.length); // every row can be read
        }
      }),
    );
  });

  it('concatenates frames that lack columns', () => {
    const two = arbitraryRows(10).chain(([fields, rows]) => {
      const all: Fields = Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, withNull(type)]));
      return fc.tuple(
        fc.constant(fields),
        fc.constant(rows),
        fc.constant(all),
        fc.array(arbitraryRow(all), { maxLength: 10 }),
        fc.subarray(Object.keys(fields)),
      );
    });
    fc.assert(
      fc.property(two, ([fields, rows, all, others, kept]) => {
        const names = Object.keys(fields);
        const left = Frame.fromRows(fields, rows);
        const right = Frame.fromRows(all, others).select(kept);
        const expected = [
          ...rows,
          ...others.map((row) =>
            Object.fromEntries(names.map((name) => [name, kept.includes(name) ? row[name] : null])),
          ),
        ];
        expect(Frame.concat([left, right], all).toRows()).toEqual(expected);
      }),
    );
  });
});

describe('interning and first rows', () => {
  it('find the first row of each string, with and without shared codes', () => {
    const ids = fc.array(fc.option(fc.constantFrom('a', 'b', 'c', 'é', ''), { nil: null }), { maxLength: 30 });
    fc.assert(
      fc.property(fc.array(ids, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 6 }), (parts, limit) => {
        const interner = new Interner({ limit });
        const fields = { id: nullable(string()) };
        const frames = parts.map((part) =>
          Frame.fromRows(
            fields,
            part.map((id) => ({ id })),
          ),
        );
        const expected = parts.flat().map((id, _row, all) => all.indexOf(id));
        expect([...firstRows(Frame.concat(frames).column('id'))]).toEqual(expected);
        const interned = Frame.concat(frames.map((frame) => frame.interned('id', interner)));
        expect([...firstRows(interned.column('id'))]).toEqual(expected);
        expect(interned.column('id').toArray()).toEqual(parts.flat());
      }),
    );
  });
});

const copyOf = (value: unknown): unknown => (value instanceof Float32Array ? value.slice() : value);
const withNull = (type: ValueType): ValueType =>
  type.isNullable ? type : nullable(type as ValueType & { readonly isNullable: false });
