import type { ValueKind } from '../schema/value-type.ts';
import { hasBit } from './bits.ts';
import type { Column } from './column.ts';
import { readTimestamp } from './timestamp-words.ts';

/** The elements of one row of a list column. */
function readList(column: Column, row: number): readonly unknown[] {
  const { values, offsets, dictionary, type } = column;
  const start = offsets![row]!;
  const elements = new Array<unknown>(offsets![row + 1]! - start);
  if (dictionary !== undefined) {
    for (let at = 0; at < elements.length; at += 1) elements[at] = dictionary.at(values[start + at]!);
  } else if (type.element?.kind === 'timestamp') {
    for (let at = 0; at < elements.length; at += 1) elements[at] = readTimestamp(values as Int32Array, start + at);
  } else {
    for (let at = 0; at < elements.length; at += 1) elements[at] = values[start + at];
  }
  return elements;
}

const readers: Readonly<Record<ValueKind, (column: Column, row: number) => unknown>> = {
  float64: (column, row) => column.values[row],
  float32: (column, row) => column.values[row],
  int32: (column, row) => column.values[row],
  boolean: (column, row) => hasBit(column.values as Uint8Array, row),
  string: (column, row) => column.dictionary!.at(column.values[row]!),
  enumeration: (column, row) => column.dictionary!.at(column.values[row]!),
  timestamp: (column, row) => readTimestamp(column.values as Int32Array, row),
  vector: ({ values, type }, row) => values.subarray(row * type.width, (row + 1) * type.width),
  list: readList,
};

/** The value at a row that is not null. */
export const readValue = (column: Column, row: number): unknown => readers[column.type.kind](column, row);
