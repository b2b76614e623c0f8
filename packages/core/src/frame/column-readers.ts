import { MilongaError } from '../errors/milonga-error.ts';
import type { ValueKind, ValueType } from '../schema/value-type.ts';
import { hasBit } from './bits.ts';
import type { Column, Values } from './column.ts';
import { readValue } from './column-values.ts';
import type { Dictionary } from './dictionary.ts';
import { readTimestamp } from './timestamp-words.ts';

/** Where a cursor is. One shape for every schema, so that readers stay monomorphic. */
export interface Position {
  index: number;
  readonly columns: readonly Column[];
  /** The row that may be read now. */
  readonly row: object;
  /** Cells that were read since the cursor was borrowed. */
  readonly bound: ColumnCell[];
}

const NO_VALUES: Values = new Float64Array(0);

/** The parts of one column as the getter of a cursor sees them: two loads to a value instead of five. */
export class ColumnCell {
  readonly slot: number;
  /** The row for which this cell holds the parts of its column; any other asks {@link bind} first. */
  row: object = NO_ROW;
  values: Values = NO_VALUES;
  validity: Uint8Array | undefined = undefined;
  dictionary: Dictionary | undefined = undefined;
  column: Column | undefined = undefined;

  constructor(slot: number) {
    this.slot = slot;
  }

  /** Lets go of the column: an idle cursor must not hold on to memory. */
  release(): void {
    this.row = NO_ROW;
    this.values = NO_VALUES;
    this.validity = undefined;
    this.dictionary = undefined;
    this.column = undefined;
  }
}

/** What the current row is while nobody has borrowed the cursor: no getter accepts it. */
export const NO_ROW: object = Object.freeze({});

/** A getter of a row object, closed over a position and a cell. */
export type Reader = (this: object) => unknown;
type MakeReader = (position: Position, cell: ColumnCell) => Reader;

/** The first read of a column since the cursor was borrowed; or a row whose loop is over. */
function bind(row: object, position: Position, cell: ColumnCell): void {
  if (row !== position.row) {
    throw new MilongaError(
      'MILONGA_FRAME_ROW_ESCAPED',
      'A row of a frame was read after its loop. Rows are views that live for one call: keep values, or use toRows().',
    );
  }
  const column = position.columns[cell.slot]!;
  cell.values = column.values;
  cell.validity = column.validity;
  cell.dictionary = column.dictionary;
  cell.column = column;
  cell.row = row;
  position.bound.push(cell);
}

// One function literal per kind and nullability, not one with a switch: closures of one literal share V8's type
// feedback, so each literal must only ever see one sort of typed array. The state is closed over, because rows of
// different schemas have different hidden classes and `this.index` would be megamorphic in a process with many schemas;
// comparing `this` with an object needs no hidden class.
const required: Readonly<Record<ValueKind, MakeReader>> = {
  float64: (position, cell) =>
    function () {
      if (this !== cell.row) bind(this, position, cell);
      return (cell.values as Float64Array)[position.index];
    },
  float32: (position, cell) =>
    function () {
      if (this !== cell.row) bind(this, position, cell);
      return (cell.values as Float32Array)[position.index];
    },
  int32: (position, cell) =>
    function () {
      if (this !== cell.row) bind(this, position, cell);
      return (cell.values as Int32Array)[position.index];
    },
  boolean: (position, cell) =>
    function () {
      if (this !== cell.row) bind(this, position, cell);
      return hasBit(cell.values as Uint8Array, position.index);
    },
  string: (position, cell) =>
    function () {
      if (this !== cell.row) bind(this, position, cell);
      return cell.dictionary!.at((cell.values as Int32Array)[position.index]!);
    },
  enumeration: (position, cell) =>
    function () {
      if (this !== cell.row) bind(this, position, cell);
      return cell.dictionary!.strings[(cell.values as Int32Array)[position.index]!];
    },
  timestamp: (position, cell) =>
    function () {
      if (this !== cell.row) bind(this, position, cell);
      return readTimestamp(cell.values as Int32Array, position.index);
    },
  vector: (position, cell) =>
    function () {
      if (this !== cell.row) bind(this, position, cell);
      const { width } = cell.column!.type;
      return (cell.values as Float32Array).subarray(position.index * width, (position.index + 1) * width);
    },
  list: (position, cell) =>
    function () {
      if (this !== cell.row) bind(this, position, cell);
      return readValue(cell.column!, position.index);
    },
};

const nullable: Readonly<Record<ValueKind, MakeReader>> = {
  float64: (position, cell) =>
    function () {
      if (this !== cell.row) bind(this, position, cell);
      const { validity, values } = cell;
      if (validity !== undefined && !hasBit(validity, position.index)) return null;
      return (values as Float64Array)[position.index];
    },
  float32: (position, cell) =>
    function () {
      if (this !== cell.row) bind(this, position, cell);
      const { validity, values } = cell;
      if (validity !== undefined && !hasBit(validity, position.index)) return null;
      return (values as Float32Array)[position.index];
    },
  int32: (position, cell) =>
    function () {
      if (this !== cell.row) bind(this, position, cell);
      const { validity, values } = cell;
      if (validity !== undefined && !hasBit(validity, position.index)) return null;
      return (values as Int32Array)[position.index];
    },
  boolean: (position, cell) =>
    function () {
      if (this !== cell.row) bind(this, position, cell);
      const { validity, values } = cell;
      if (validity !== undefined && !hasBit(validity, position.index)) return null;
      return hasBit(values as Uint8Array, position.index);
    },
  string: (position, cell) =>
    function () {
      if (this !== cell.row) bind(this, position, cell);
      const { validity, values, dictionary } = cell;
      if (validity !== undefined && !hasBit(validity, position.index)) return null;
      return dictionary!.at((values as Int32Array)[position.index]!);
    },
  enumeration: (position, cell) =>
    function () {
      if (this !== cell.row) bind(this, position, cell);
      const { validity, values, dictionary } = cell;
      if (validity !== undefined && !hasBit(validity, position.index)) return null;
      return dictionary!.strings[(values as Int32Array)[position.index]!];
    },
  timestamp: (position, cell) =>
    function () {
      if (this !== cell.row) bind(this, position, cell);
      const { validity, values } = cell;
      if (validity !== undefined && !hasBit(validity, position.index)) return null;
      return readTimestamp(values as Int32Array, position.index);
    },
  vector: (position, cell) =>
    function () {
      if (this !== cell.row) bind(this, position, cell);
      const { validity, values } = cell;
      const { width } = cell.column!.type;
      if (validity !== undefined && !hasBit(validity, position.index)) return null;
      return (cell.values as Float32Array).subarray(position.index * width, (position.index + 1) * width);
    },
  list: (position, cell) =>
    function () {
      if (this !== cell.row) bind(this, position, cell);
      const column = cell.column!;
      return column.isNull(position.index) ? null : readValue(column, position.index);
    },
};

/** The getter of a column in a row over `position`. */
export const readerOf = (type: ValueType, position: Position, cell: ColumnCell): Reader =>
  (type.isNullable ? nullable : required)[type.kind](position, cell);
