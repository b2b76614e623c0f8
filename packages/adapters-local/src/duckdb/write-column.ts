import duckdb from '@duckdb/node-bindings';
import type { Column, Dictionary, ValueType } from '@milonga/core';
import { writeStrings } from './write-strings.ts';

/** Elements of a column or of a list: values, and the strings behind them where they are codes. */
interface Elements {
  readonly type: ValueType;
  readonly values: Column['values'];
  readonly dictionary: Dictionary | undefined;
}

/**
 * Writes `count` rows of a column from `start` on, which is a multiple of 8, into a vector of DuckDB: memory is copied as
 * it is; strings, booleans and lists are laid out anew.
 */
export function writeColumn(vector: duckdb.Vector, column: Column, start: number, count: number): void {
  const { type, validity } = column;
  if (type.kind === 'list') writeLists(vector, column, start, count);
  else if (type.kind === 'vector')
    writeElements(duckdb.array_vector_get_child(vector), column, start * type.width, count * type.width);
  else if (type.kind === 'boolean') writeBooleans(vector, column.values as Uint8Array, start, count);
  else writeElements(vector, column, start, count);
  if (validity === undefined) return;
  duckdb.vector_ensure_validity_writable(vector);
  duckdb.copy_data_to_vector_validity(
    vector,
    0,
    validity.buffer as ArrayBuffer,
    validity.byteOffset + (start >>> 3),
    (count + 7) >>> 3,
  );
}

function writeElements(
  vector: duckdb.Vector,
  { type, values, dictionary }: Elements,
  start: number,
  count: number,
): void {
  if (dictionary !== undefined) writeStrings(vector, dictionary, values as Int32Array, start, count);
  else {
    const bytes = values.BYTES_PER_ELEMENT * (type.kind === 'timestamp' ? 2 : 1);
    duckdb.copy_data_to_vector(
      vector,
      0,
      values.buffer as ArrayBuffer,
      values.byteOffset + start * bytes,
      count * bytes,
    );
  }
}

/** DuckDB has a byte a boolean. */
function writeBooleans(vector: duckdb.Vector, bits: Uint8Array, start: number, count: number): void {
  const bytes = new Uint8Array(count);
  for (let row = 0; row < count; row += 1) bytes[row] = (bits[(start + row) >>> 3]! >>> ((start + row) & 7)) & 1;
  duckdb.copy_data_to_vector(vector, 0, bytes.buffer, 0, count);
}

/** DuckDB has an offset and a length a list, both of 64 bits, and one child vector of all elements. */
function writeLists(vector: duckdb.Vector, column: Column, start: number, count: number): void {
  const offsets = column.offsets!;
  const first = offsets[start]!;
  const total = offsets[start + count]! - first;
  const entries = new Int32Array(count * 4); // pairs of int64, low word first
  for (let row = 0; row < count; row += 1) {
    entries[4 * row] = offsets[start + row]! - first;
    entries[4 * row + 2] = offsets[start + row + 1]! - offsets[start + row]!;
  }
  duckdb.list_vector_reserve(vector, total);
  duckdb.list_vector_set_size(vector, total);
  duckdb.copy_data_to_vector(vector, 0, entries.buffer, 0, count * 16);
  if (total === 0) return;
  const elements = { type: column.type.element as ValueType, values: column.values, dictionary: column.dictionary };
  writeElements(duckdb.list_vector_get_child(vector), elements, first, total);
}
