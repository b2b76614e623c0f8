import { MilongaError } from '../errors/milonga-error.ts';
import type { ValueType } from '../schema/value-type.ts';
import { hasBit, setBit } from './bits.ts';
import { Column } from './column.ts';
import { Dictionary } from './dictionary.ts';
import { checkSelection } from './selection.ts';
import { newValues } from './slab.ts';

/**
 * Spreads a column with one row per selected row over `length` rows: row `at` of `dense` becomes row `selection[at]`.
 *
 * For stages that work on what is selected and add to the whole frame. Rows that are not selected become null where the
 * type is nullable, else zero, false, an empty list or the first string: nobody may read them. A selection must not
 * name a row twice.
 *
 * @throws MilongaError `MILONGA_FRAME_SHAPE` when `dense` and `selection` differ in length, or a row is outside.
 */
export function scatter<Type extends ValueType>(
  dense: Column<Type>,
  selection: Int32Array,
  length: number,
): Column<Type> {
  if (dense.length !== selection.length) {
    throw new MilongaError(
      'MILONGA_FRAME_SHAPE',
      `A column of ${dense.length} rows cannot be spread over ${selection.length} selected rows.`,
    );
  }
  checkSelection(selection, length);
  const validity = scatterValidity(dense, selection, length);
  if (dense.type.kind === 'list') return scatterLists(dense, selection, length, validity);
  const values = newValues(dense.type, length);
  const { width, kind } = dense.type;
  if (kind === 'boolean') scatterBits(dense.values as Uint8Array, selection, values as Uint8Array);
  else if (kind === 'float64') scatterFloat64(dense.values as Float64Array, selection, values as Float64Array);
  else if (kind === 'float32' || kind === 'vector')
    scatterFloat32(dense.values as Float32Array, selection, values as Float32Array, width);
  else scatterInt32(dense.values as Int32Array, selection, values as Int32Array, width);
  return new Column(dense.type, length, values, { validity, dictionary: withFirst(dense) });
}

const ONE_EMPTY: Dictionary = Dictionary.of(['']);

/** Rows that nobody selected hold code 0: the dictionary must have a string for it. */
const withFirst = ({ dictionary }: Column): Dictionary | undefined => (dictionary?.size === 0 ? ONE_EMPTY : dictionary);

function scatterValidity(dense: Column, selection: Int32Array, length: number): Uint8Array | undefined {
  if (!dense.type.isNullable) return undefined;
  const validity = new Uint8Array((length + 7) >>> 3);
  for (let at = 0; at < selection.length; at += 1) if (!dense.isNull(at)) setBit(validity, selection[at]!);
  return validity;
}

function scatterBits(from: Uint8Array, selection: Int32Array, to: Uint8Array): void {
  for (let at = 0; at < selection.length; at += 1) if (hasBit(from, at)) setBit(to, selection[at]!);
}
function scatterFloat64(from: Float64Array, selection: Int32Array, to: Float64Array): void {
  for (let at = 0; at < selection.length; at += 1) to[selection[at]!] = from[at]!;
}
function scatterFloat32(from: Float32Array, selection: Int32Array, to: Float32Array, width: number): void {
  for (let at = 0; at < selection.length; at += 1) {
    for (let part = 0; part < width; part += 1) to[selection[at]! * width + part] = from[at * width + part]!;
  }
}
function scatterInt32(from: Int32Array, selection: Int32Array, to: Int32Array, width: number): void {
  for (let at = 0; at < selection.length; at += 1) {
    for (let part = 0; part < width; part += 1) to[selection[at]! * width + part] = from[at * width + part]!;
  }
}

/** A selection may come in any order, so the elements are laid out anew in the order of the rows. */
function scatterLists<Type extends ValueType>(
  dense: Column<Type>,
  selection: Int32Array,
  length: number,
  validity: Uint8Array | undefined,
): Column<Type> {
  const from = dense.offsets!;
  const { width } = dense.type;
  const offsets = new Int32Array(length + 1);
  for (let at = 0; at < selection.length; at += 1) offsets[selection[at]! + 1] = from[at + 1]! - from[at]!;
  for (let row = 0; row < length; row += 1) offsets[row + 1]! += offsets[row]!;
  const values = newValues(dense.type, offsets[length]!);
  for (let at = 0; at < selection.length; at += 1) {
    values.set(dense.values.subarray(from[at]! * width, from[at + 1]! * width), offsets[selection[at]!]! * width);
  }
  return new Column(dense.type, length, values, { validity, offsets, dictionary: dense.dictionary });
}
