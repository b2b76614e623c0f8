import { MilongaError } from '../errors/milonga-error.ts';
import type { ValueKind, ValueType } from '../schema/value-type.ts';
import { hasBit } from './bits.ts';
import type { Column } from './column.ts';
import { readValue } from './column-values.ts';
import { readTimestamp } from './timestamp-words.ts';

/** What a reader looks at. One shape for every schema, so that readers stay monomorphic. */
export interface Position {
  index: number;
  columns: readonly Column[];
  /** The row that may be read now. A reader called on another object belongs to a loop that is over. */
  row: object;
}

/** A getter of a row object, closed over a position. */
export type Reader = (this: object) => unknown;
type MakeReader = (position: Position, slot: number) => Reader;

function escaped(): never {
  throw new MilongaError(
    'MILONGA_FRAME_ROW_ESCAPED',
    'A row of a frame was read after its loop had moved on. Rows are views that live for one call: keep values, or use toRows().',
  );
}

// One function literal per kind and nullability, not one with a switch: closures of one literal share V8's type
// feedback, so each literal must only ever see one sort of typed array. The state is closed over, because rows of
// different schemas have different hidden classes and `this.index` would be megamorphic in a process with many schemas;
// comparing `this` with an object needs no hidden class.
const required: Readonly<Record<ValueKind, MakeReader>> = {
  float64: (position, slot) =>
    function () {
      if (this !== position.row) escaped();
      return (position.columns[slot]!.values as Float64Array)[position.index];
    },
  float32: (position, slot) =>
    function () {
      if (this !== position.row) escaped();
      return (position.columns[slot]!.values as Float32Array)[position.index];
    },
  int32: (position, slot) =>
    function () {
      if (this !== position.row) escaped();
      return (position.columns[slot]!.values as Int32Array)[position.index];
    },
  boolean: (position, slot) =>
    function () {
      if (this !== position.row) escaped();
      return hasBit(position.columns[slot]!.values as Uint8Array, position.index);
    },
  string: (position, slot) =>
    function () {
      if (this !== position.row) escaped();
      const column = position.columns[slot]!;
      return column.dictionary!.at((column.values as Int32Array)[position.index]!);
    },
  enumeration: (position, slot) =>
    function () {
      if (this !== position.row) escaped();
      const column = position.columns[slot]!;
      return column.dictionary!.strings[(column.values as Int32Array)[position.index]!];
    },
  timestamp: (position, slot) =>
    function () {
      if (this !== position.row) escaped();
      return readTimestamp(position.columns[slot]!.values as Int32Array, position.index);
    },
  vector: (position, slot) =>
    function () {
      if (this !== position.row) escaped();
      const { values, type } = position.columns[slot]!;
      return (values as Float32Array).subarray(position.index * type.width, (position.index + 1) * type.width);
    },
  list: (position, slot) =>
    function () {
      if (this !== position.row) escaped();
      return readValue(position.columns[slot]!, position.index);
    },
};

const nullable: Readonly<Record<ValueKind, MakeReader>> = {
  float64: (position, slot) =>
    function () {
      if (this !== position.row) escaped();
      const { validity, values } = position.columns[slot]!;
      if (validity !== undefined && !hasBit(validity, position.index)) return null;
      return (values as Float64Array)[position.index];
    },
  float32: (position, slot) =>
    function () {
      if (this !== position.row) escaped();
      const { validity, values } = position.columns[slot]!;
      if (validity !== undefined && !hasBit(validity, position.index)) return null;
      return (values as Float32Array)[position.index];
    },
  int32: (position, slot) =>
    function () {
      if (this !== position.row) escaped();
      const { validity, values } = position.columns[slot]!;
      if (validity !== undefined && !hasBit(validity, position.index)) return null;
      return (values as Int32Array)[position.index];
    },
  boolean: (position, slot) =>
    function () {
      if (this !== position.row) escaped();
      const { validity, values } = position.columns[slot]!;
      if (validity !== undefined && !hasBit(validity, position.index)) return null;
      return hasBit(values as Uint8Array, position.index);
    },
  string: (position, slot) =>
    function () {
      if (this !== position.row) escaped();
      const { validity, values, dictionary } = position.columns[slot]!;
      if (validity !== undefined && !hasBit(validity, position.index)) return null;
      return dictionary!.at((values as Int32Array)[position.index]!);
    },
  enumeration: (position, slot) =>
    function () {
      if (this !== position.row) escaped();
      const { validity, values, dictionary } = position.columns[slot]!;
      if (validity !== undefined && !hasBit(validity, position.index)) return null;
      return dictionary!.strings[(values as Int32Array)[position.index]!];
    },
  timestamp: (position, slot) =>
    function () {
      if (this !== position.row) escaped();
      const { validity, values } = position.columns[slot]!;
      if (validity !== undefined && !hasBit(validity, position.index)) return null;
      return readTimestamp(values as Int32Array, position.index);
    },
  vector: (position, slot) =>
    function () {
      if (this !== position.row) escaped();
      const { validity, values, type } = position.columns[slot]!;
      if (validity !== undefined && !hasBit(validity, position.index)) return null;
      return (values as Float32Array).subarray(position.index * type.width, (position.index + 1) * type.width);
    },
  list: (position, slot) =>
    function () {
      if (this !== position.row) escaped();
      const column = position.columns[slot]!;
      return column.isNull(position.index) ? null : readValue(column, position.index);
    },
};

/** The getter of a column in a row over `position`. */
export const readerOf = (type: ValueType, position: Position, slot: number): Reader =>
  (type.isNullable ? nullable : required)[type.kind](position, slot);
