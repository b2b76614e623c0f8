import duckdb from '@duckdb/node-bindings';
import type { Dictionary } from '@milonga/core';
import { copyString, writeInline } from './inline-string.ts';

let scratch: Int32Array = new Int32Array(2_048 * 4);

/**
 * Writes the strings of `count` codes from `start` on into a vector of DuckDB. Each string that occurs is handed over
 * once; the rest of its rows get a copy of the 16 bytes that point to it.
 */
export function writeStrings(
  vector: duckdb.Vector,
  dictionary: Dictionary,
  codes: Int32Array,
  start: number,
  count: number,
): void {
  if (scratch.length < count * 4) scratch = new Int32Array(count * 4);
  const words = scratch;
  const { rows, stamps, stamp } = dictionary.scratchTable();
  const long: number[] = [];
  let isLongRepeated = false;
  for (let row = 0; row < count; row += 1) {
    const code = codes[start + row]!;
    if (code < 0 || code >= dictionary.size) {
      // the row is null; the buffer holds anything
      words.fill(0, row * 4, row * 4 + 4);
    } else if (stamps[code] !== stamp) {
      stamps[code] = stamp;
      rows[code] = row;
      if (!writeInline(dictionary.at(code), words, row * 4)) {
        words.fill(0, row * 4, row * 4 + 4);
        rows[code] = -1 - row;
        long.push(row);
      }
    } else if (rows[code]! >= 0) copyString(words, rows[code]!, row);
    else isLongRepeated = true;
  }
  duckdb.copy_data_to_vector(vector, 0, words.buffer as ArrayBuffer, 0, count * 16);
  for (const row of long) duckdb.vector_assign_string_element(vector, row, dictionary.at(codes[start + row]!));
  if (isLongRepeated) repeatLong(vector, codes, rows, start, count, dictionary.size);
}

/** Gives later rows of a long string the pointer of its first row. */
function repeatLong(
  vector: duckdb.Vector,
  codes: Int32Array,
  rows: Int32Array,
  start: number,
  count: number,
  size: number,
): void {
  const bytes = duckdb.vector_get_data(vector, count * 16);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, count * 4);
  for (let row = 0; row < count; row += 1) {
    const code = codes[start + row]!;
    if (code >= 0 && code < size && rows[code]! < 0) copyString(words, -1 - rows[code]!, row);
  }
  duckdb.copy_data_to_vector(vector, 0, words.buffer as ArrayBuffer, words.byteOffset, count * 16);
}
