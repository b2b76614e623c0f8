import type { ValueKind } from '../schema/value-type.ts';
import { hasBit, setBit } from './bits.ts';
import { Column, type Values } from './column.ts';
import { newValues, type Slab } from './slab.ts';

// Gathering: row `at` of the result is row `selection[at]` of the column. A loop per kind, so that each sees one sort of
// typed array.

function gatherFloat64(from: Float64Array, selection: Int32Array, to: Float64Array): void {
  for (let at = 0; at < selection.length; at += 1) to[at] = from[selection[at]!]!;
}
function gatherFloat32(from: Float32Array, selection: Int32Array, to: Float32Array): void {
  for (let at = 0; at < selection.length; at += 1) to[at] = from[selection[at]!]!;
}
function gatherInt32(from: Int32Array, selection: Int32Array, to: Int32Array): void {
  for (let at = 0; at < selection.length; at += 1) to[at] = from[selection[at]!]!;
}
function gatherPairs(from: Int32Array, selection: Int32Array, to: Int32Array): void {
  for (let at = 0; at < selection.length; at += 1) {
    const row = selection[at]!;
    to[2 * at] = from[2 * row]!;
    to[2 * at + 1] = from[2 * row + 1]!;
  }
}
function gatherVectors(from: Float32Array, selection: Int32Array, to: Float32Array, width: number): void {
  for (let at = 0; at < selection.length; at += 1) {
    const start = selection[at]! * width;
    for (let part = 0; part < width; part += 1) to[at * width + part] = from[start + part]!;
  }
}

/** Bits of the selected rows. `to` holds zeros. */
export function gatherBits(from: Uint8Array, selection: Int32Array, to: Uint8Array): void {
  for (let at = 0; at < selection.length; at += 1) if (hasBit(from, selection[at]!)) setBit(to, at);
}

type Gather = (from: Values, selection: Int32Array, to: Values, width: number) => void;

const gatherers: Readonly<Record<Exclude<ValueKind, 'list'>, Gather>> = {
  float64: gatherFloat64 as Gather,
  float32: gatherFloat32 as Gather,
  int32: gatherInt32 as Gather,
  string: gatherInt32 as Gather,
  enumeration: gatherInt32 as Gather,
  timestamp: gatherPairs as Gather,
  vector: gatherVectors as Gather,
  boolean: gatherBits as Gather,
};

/** The selected rows of a column, in the order of the selection; a row may be selected twice. */
export function gatherColumn(column: Column, selection: Int32Array, slab: Slab): Column {
  const { type, dictionary } = column;
  const { length } = selection;
  if (type.kind === 'list') return gatherLists(column, selection, slab);
  const values = slab.values(type, length);
  gatherers[type.kind](column.values, selection, values, type.width);
  return new Column(type, length, values, { dictionary, validity: gatherValidity(column, selection, slab) });
}

function gatherValidity(column: Column, selection: Int32Array, slab: Slab): Uint8Array | undefined {
  if (column.validity === undefined) return undefined;
  const validity = slab.bits(selection.length);
  gatherBits(column.validity, selection, validity);
  return validity;
}

function gatherLists(column: Column, selection: Int32Array, slab: Slab): Column {
  const { type, dictionary } = column;
  const from = column.offsets!;
  const offsets = new Int32Array(selection.length + 1);
  const validity = gatherValidity(column, selection, slab);
  for (let at = 0; at < selection.length; at += 1) {
    const row = selection[at]!;
    const isAbsent = validity !== undefined && !hasBit(validity, at); // what lies under a null is not copied
    offsets[at + 1] = offsets[at]! + (isAbsent ? 0 : from[row + 1]! - from[row]!);
  }
  const values = newValues(type, offsets[selection.length]!);
  for (let at = 0; at < selection.length; at += 1) {
    const count = offsets[at + 1]! - offsets[at]!;
    const start = from[selection[at]!]!;
    if (count > 0)
      values.set(column.values.subarray(start * type.width, (start + count) * type.width), offsets[at]! * type.width);
  }
  return new Column(type, selection.length, values, { dictionary, validity, offsets });
}
