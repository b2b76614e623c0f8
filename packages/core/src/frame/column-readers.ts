import type { ValueKind, ValueType } from '../schema/value-type.ts';
import { hasBit } from './bits.ts';
import { bind, type ColumnCell, type Position } from './column-cell.ts';
import { readValue } from './column-values.ts';
import { readTimestamp } from './timestamp-words.ts';

/** A getter of a row object, closed over a position and a cell. */
export type Reader = (this: object) => unknown;
type MakeReader = (position: Position, cell: ColumnCell) => Reader;

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
      const { validity } = cell;
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
