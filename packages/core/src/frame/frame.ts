import { MilongaError } from '../errors/milonga-error.ts';
import type { Fields, Merged, Row } from '../schema/value-type.ts';
import type { Column } from './column.ts';
import { ColumnBuilder } from './column-builder.ts';
import { type ColumnInput, columnFrom, rowsOf } from './column-from.ts';
import { concatColumns } from './concat.ts';
import { conformColumn } from './conform.ts';
import { gatherColumn } from './gather.ts';
import { internColumn } from './intern-column.ts';
import type { Interner } from './interner.ts';
import { Layout } from './layout.ts';
import { checkAlike } from './same-columns.ts';
import { allRows, checkSelection, type Selection } from './selection.ts';
import { Slab, slabBytes } from './slab.ts';
import { sliceColumn } from './slice.ts';
import { rowsOfColumns } from './to-rows.ts';

/** What {@link Frame.fromRows} takes besides fields and rows. */
export interface FromRowsOptions<F extends Fields> {
  /** Dictionaries that string columns share with other frames, by column. */
  readonly interners?: { readonly [Name in keyof F]?: Interner };
}

/** Columns to make a frame of, by name. */
export type ColumnInputs<F extends Fields> = { readonly [Name in keyof F]: ColumnInput<F[Name]> };

/**
 * Fields under other names. The compiler compares generic methods with `any` for their parameters; without the first
 * line a frame would then not fit where fewer of its columns are asked for.
 */
export type Renamed<F extends Fields, Names> = 0 extends 1 & Names
  ? F
  : {
      readonly [Name in keyof F as Name extends keyof Names
        ? Names[Name] extends string
          ? Names[Name]
          : Name
        : Name]: F[Name];
    } & {};

/**
 * A set of named, typed columns of one length, in Arrow's memory format. Immutable: every operation gives a new frame
 * that shares what did not change.
 *
 * Inside, code works on columns and selections; at the edge, {@link Frame.toRows} makes objects of what was selected.
 * User code reads rows: a typed cursor that moves over the columns without an allocation per row.
 *
 * @example
 * ```ts
 * const frame = Frame.fromRows({ id: string(), ageHours: float64() }, [{ id: 'a', ageHours: 3 }, { id: 'b', ageHours: 90 }]);
 * const fresh = frame.where((item) => item.ageHours < 48); // Int32Array [0]
 * frame.toRows(fresh, ['id']); // [{ id: 'a' }]
 * ```
 */
export class Frame<F extends Fields = Fields> {
  readonly layout: Layout<F>;
  /** In the order of `layout.names`. */
  readonly columns: readonly Column[];
  /** Rows. */
  readonly length: number;

  /** For code that has columns of the right types and length; {@link Frame.fromColumns} checks them. */
  constructor(layout: Layout<F>, columns: readonly Column[], length: number) {
    this.layout = layout;
    this.columns = columns;
    this.length = length;
  }

  /** A frame of row objects. @throws MilongaError `MILONGA_FRAME_VALUE` for a value of another type than its column's. */
  static fromRows<const F extends Fields>(
    fields: F,
    rows: readonly Row<F>[],
    options: FromRowsOptions<F> = {},
  ): Frame<F> {
    const layout = Layout.of(fields);
    const columns = layout.names.map((name, slot) => {
      const builder = new ColumnBuilder(name, layout.types[slot]!, rows.length, options.interners?.[name as keyof F]);
      for (const row of rows as readonly Readonly<Record<string, unknown>>[]) builder.push(row[name]);
      return builder.finish();
    });
    return new Frame(layout, columns, rows.length);
  }

  /**
   * A frame of columns: typed arrays are taken as they are, without a copy; arrays of values are stored.
   *
   * @throws MilongaError `MILONGA_FRAME_SHAPE` when columns are missing, of another type or of different lengths. A frame
   * of nothing but bitmaps needs `options.length`.
   * @example
   * ```ts
   * Frame.fromColumns({ id: string(), score: float64() }, { id: ['a', 'b'], score: Float64Array.of(0.5, 0.25) });
   * ```
   */
  static fromColumns<const F extends Fields>(
    fields: F,
    columns: ColumnInputs<F>,
    options: { readonly length?: number } = {},
  ): Frame<F> {
    const layout = Layout.of(fields);
    const inputs = layout.names.map((name) => (columns as Readonly<Record<string, unknown>>)[name]);
    let length = options.length;
    for (let slot = 0; slot < inputs.length; slot += 1) {
      if (inputs[slot] === undefined)
        throw new MilongaError('MILONGA_FRAME_SHAPE', `Column "${layout.names[slot]}" was not given.`);
      length ??= rowsOf(layout.types[slot]!, inputs[slot]);
    }
    if (length === undefined)
      throw new MilongaError(
        'MILONGA_FRAME_SHAPE',
        'The columns do not tell how many rows there are; pass options.length.',
      );
    const rows = length;
    return new Frame(
      layout,
      inputs.map((input, slot) => columnFrom(layout.names[slot]!, layout.types[slot]!, input, rows)),
      rows,
    );
  }

  /** A frame without rows. */
  static empty<const F extends Fields>(fields: F): Frame<F> {
    return Frame.fromRows(fields, []);
  }

  /**
   * Frames on top of each other. With `fields`, the result has those columns: one that a frame lacks is null there, one
   * that is not named is left out. Without, all frames must have the same columns. Numbers are copied, strings shared.
   *
   * @throws MilongaError `MILONGA_FRAME_SHAPE` when columns do not fit, or without frames and fields.
   * @example
   * ```ts
   * Frame.concat([pool, similar], stackFields([pool.layout.schema, similar.layout.schema]));
   * ```
   */
  static concat<F extends Fields>(frames: readonly Frame<F>[]): Frame<F>;
  static concat<const F extends Fields>(frames: readonly Frame[], fields: F): Frame<F>;
  static concat(frames: readonly Frame[], fields?: Fields): Frame {
    const layout = fields === undefined ? checkAlike(frames) : Layout.of(fields);
    if (frames.length === 1 && frames[0]!.layout === layout) return frames[0]!;
    const length = frames.reduce((rows, frame) => rows + frame.length, 0);
    return new Frame(layout, concatColumns(layout, frames), length);
  }

  /** A column, with the exact type of its memory. @throws MilongaError `MILONGA_FRAME_COLUMN_MISSING`. */
  column<Name extends keyof F & string>(name: Name): Column<F[Name]> {
    return this.columns[this.layout.slotOf(name)] as unknown as Column<F[Name]>;
  }

  /** True when there is a column of this name. */
  has(name: string): boolean {
    return this.layout.slots.has(name);
  }

  /** Some columns, in the order of `names`. Nothing is copied. */
  select<const Name extends keyof F & string>(names: readonly Name[]): Frame<{ readonly [N in Name]: F[N] }> {
    return new Frame(
      this.layout.select(names),
      names.map((name) => this.column(name) as Column),
      this.length,
    );
  }

  /** The same columns, some under other names. Nothing is copied. @throws MilongaError `MILONGA_FRAME_SHAPE` when two get one name. */
  rename<const Names extends { readonly [Name in keyof F]?: string }>(names: Names): Frame<Renamed<F, Names>> {
    const from = this.layout.names;
    for (const name of Object.keys(names)) this.layout.slotOf(name);
    const to = from.map((name) => (names as Readonly<Record<string, string | undefined>>)[name] ?? name);
    return new Frame(this.layout.derive(from, to) as unknown as Layout<Renamed<F, Names>>, this.columns, this.length);
  }

  /** The columns of both frames side by side. Nothing is copied. @throws MilongaError `MILONGA_FRAME_SHAPE` when lengths differ or a name repeats. */
  withColumns<Added extends Fields>(added: Frame<Added>): Frame<Merged<F, Added>> {
    if (added.length !== this.length) {
      throw new MilongaError(
        'MILONGA_FRAME_SHAPE',
        `Columns of ${added.length} rows cannot be added to a frame of ${this.length}.`,
      );
    }
    return new Frame(this.layout.extend(added.layout), [...this.columns, ...added.columns], this.length);
  }

  /**
   * The same rows under declared fields: columns in their order, types as declared. For frames from outside, whose types
   * are an engine's.
   *
   * Converts only where each value stays what it is: nullable to not nullable where no null is, between int32, float32
   * and float64 (float32 rounds, as validation does), float64 to timestamp and back, string to enumeration and back,
   * lists of numbers to vectors of their length.
   * Columns that are not declared are left out; a declared one that is missing is null.
   *
   * @throws MilongaError `MILONGA_FRAME_SHAPE` when a column is missing or cannot be converted, `MILONGA_FRAME_VALUE` when a value cannot.
   */
  as<const G extends Fields>(fields: G): Frame<G> {
    const layout = Layout.of(fields);
    if ((layout as Layout) === (this.layout as Layout)) return this as unknown as Frame<G>;
    const columns = layout.names.map((name, slot) => {
      const from = this.layout.slots.get(name);
      return conformColumn(
        name,
        layout.types[slot]!,
        from === undefined ? undefined : this.columns[from]!,
        this.length,
      );
    });
    return new Frame(layout, columns, this.length);
  }

  /** A string column recoded into a shared dictionary, so that equal strings have equal codes in all frames that do the same. */
  interned<Name extends keyof F & string>(name: Name, interner: Interner): Frame<F> {
    const slot = this.layout.slotOf(name);
    return new Frame(
      this.layout,
      this.columns.with(slot, internColumn(name, this.columns[slot]!, interner)),
      this.length,
    );
  }

  /** The selected rows, in the order of the selection; a row may be selected twice. @throws MilongaError `MILONGA_FRAME_SHAPE`. */
  take(selection: Selection): Frame<F> {
    checkSelection(selection, this.length);
    const slab = new Slab(slabBytes(this.layout.types, selection.length));
    return new Frame(
      this.layout,
      this.columns.map((column) => gatherColumn(column, selection, slab)),
      selection.length,
    );
  }

  /**
   * The rows from `start` to before `end`, as views: only bitmaps that begin inside a byte are copied. Negative numbers
   * count from the end, as in arrays.
   */
  slice(start: number, end: number = this.length): Frame<F> {
    const from = start < 0 ? Math.max(0, this.length + start) : Math.min(start, this.length);
    const to = Math.max(from, end < 0 ? this.length + end : Math.min(end, this.length));
    return new Frame(
      this.layout,
      this.columns.map((column) => sliceColumn(column, from, to)),
      to - from,
    );
  }

  /**
   * Calls `visit` with one moving row, for all rows or the selected ones; nothing is allocated per row.
   *
   * The row is a view that lives for one call: read its fields, keep their values. Reading it later throws
   * `MILONGA_FRAME_ROW_ESCAPED`; its fields are getters, so `{ ...row }` copies nothing. For objects there is `toRows`.
   */
  forEach(visit: (row: Row<F>, index: number) => void, selection?: Selection): void {
    const cursor = this.layout.borrow(this.columns);
    const row = cursor.row as Row<F>;
    const length = selection?.length ?? this.length;
    try {
      for (let at = 0; at < length; at += 1) {
        const index = selection === undefined ? at : selection[at]!;
        cursor.index = index;
        visit(row, index);
      }
    } finally {
      this.layout.giveBack(cursor);
    }
  }

  /** The rows that `keep` accepts, of all or of the selected ones, in order. */
  where(keep: (row: Row<F>) => boolean, selection: Selection = allRows(this.length)): Selection {
    const kept = new Int32Array(selection.length);
    const cursor = this.layout.borrow(this.columns);
    const row = cursor.row as Row<F>;
    let count = 0;
    try {
      for (let at = 0; at < selection.length; at += 1) {
        cursor.index = selection[at]!;
        if (keep(row)) kept[count++] = selection[at]!;
      }
    } finally {
      this.layout.giveBack(cursor);
    }
    return kept.subarray(0, count);
  }

  /** Plain objects, for the edge: of all rows or the selected ones, of all columns or the named ones. */
  toRows(selection?: Selection): Row<F>[];
  toRows<const Name extends keyof F & string>(
    selection: Selection | undefined,
    names: readonly Name[],
  ): Pick<Row<F>, Name>[];
  toRows(selection: Selection = allRows(this.length), names?: readonly (keyof F & string)[]): unknown[] {
    checkSelection(selection, this.length);
    const { layout, columns } = names === undefined ? this : this.select(names);
    return rowsOfColumns(layout as Layout, columns, selection);
  }
}
