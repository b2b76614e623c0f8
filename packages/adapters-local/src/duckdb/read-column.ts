import type { DuckDBArrayType, DuckDBListType } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { Column, MilongaError } from '@milonga/core';
import { isNull, readValidity } from './raw-values.ts';
import { type ColumnPlan, readValues } from './read-values.ts';

/** One column of a chunk of a result. Memory is taken as it is where both sides agree on it. */
export function readColumn(plan: ColumnPlan, vector: duckdb.Vector, count: number): Column {
  const { type, found } = plan;
  const validity = readValidity(vector, count);
  if (type.kind === 'list') return readLists(plan, vector, count, validity);
  if (type.kind === 'vector') return readVectors(plan, vector, count, validity);
  const { values, dictionary } = readValues(plan, found, vector, count, validity);
  return new Column(type, count, values, { validity, dictionary });
}

function readVectors(plan: ColumnPlan, vector: duckdb.Vector, count: number, validity: Uint8Array | undefined): Column {
  const { type, found, name } = plan;
  const child = duckdb.array_vector_get_child(vector);
  const present = readValidity(child, count * type.width);
  for (let row = 0; present !== undefined && row < count; row += 1) {
    if (!isNull(validity, row)) checkPresent(present, row * type.width, type.width, name);
  }
  const { values } = readValues(plan, (found as DuckDBArrayType).valueType, child, count * type.width, undefined);
  return new Column(type, count, values, { validity });
}

/** Elements may lie in any order in DuckDB's child vector, with gaps; a frame has them in the order of its rows. */
function readLists(plan: ColumnPlan, vector: duckdb.Vector, count: number, validity: Uint8Array | undefined): Column {
  const { type, found, name } = plan;
  const bytes = duckdb.vector_get_data(vector, count * 16);
  const entries = new Int32Array(bytes.buffer, bytes.byteOffset, count * 4); // offset and length, int64 each
  const child = duckdb.list_vector_get_child(vector);
  const size = duckdb.list_vector_get_size(vector);
  const present = readValidity(child, size);
  const all = readValues(plan, (found as DuckDBListType).valueType, child, size, present);
  const offsets = new Int32Array(count + 1);
  for (let row = 0; row < count; row += 1) {
    offsets[row + 1] = offsets[row]! + (isNull(validity, row) ? 0 : entries[4 * row + 2]!);
  }
  const { width } = type;
  const values = new (all.values.constructor as Int32ArrayConstructor)(offsets[count]! * width);
  for (let row = 0; row < count; row += 1) {
    const from = entries[4 * row]!;
    const length = offsets[row + 1]! - offsets[row]!;
    if (length === 0) continue;
    if (present !== undefined) checkPresent(present, from, length, name);
    values.set((all.values as Int32Array).subarray(from * width, (from + length) * width), offsets[row]! * width);
  }
  return new Column(type, count, values, { validity, offsets, dictionary: all.dictionary });
}

function checkPresent(present: Uint8Array, from: number, length: number, name: string): void {
  for (let at = from; at < from + length; at += 1) {
    if (isNull(present, at)) {
      throw new MilongaError(
        'MILONGA_LAKE_QUERY_FAILED',
        `Column "${name}" of the result has a list with a null in it; lists of a frame have none. Filter the list in the query.`,
      );
    }
  }
}
