import {
  type DuckDBArrayType,
  type DuckDBEnumType,
  type DuckDBListType,
  type DuckDBType,
  DuckDBTypeId as Id,
} from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { Column, type Dictionary, MilongaError, type ValueType } from '@milonga/core';
import { float64Readers, int32Readers, type RawValues } from './read-numbers.ts';
import { bytesOfTimestamp, readTimestamps } from './read-timestamps.ts';
import type { StringCodes } from './string-codes.ts';

/** What it takes to read one column of a result. */
export interface ColumnPlan {
  readonly name: string;
  readonly found: DuckDBType;
  readonly type: ValueType;
  /** For strings and lists of strings; a new one whenever a dictionary is full. */
  readonly strings: () => StringCodes;
  /** The members of an enum. */
  readonly members: Dictionary | undefined;
}

const BYTES: Readonly<Partial<Record<Id, number>>> = {
  [Id.BOOLEAN]: 1,
  [Id.TINYINT]: 1,
  [Id.UTINYINT]: 1,
  [Id.SMALLINT]: 2,
  [Id.USMALLINT]: 2,
  [Id.INTEGER]: 4,
  [Id.UINTEGER]: 4,
  [Id.FLOAT]: 4,
  [Id.BIGINT]: 8,
  [Id.UBIGINT]: 8,
  [Id.DOUBLE]: 8,
  [Id.HUGEINT]: 16,
  [Id.UHUGEINT]: 16,
  [Id.VARCHAR]: 16,
  [Id.LIST]: 16,
};

/** One column of a chunk of a result. Memory is taken as it is where both sides agree on it. */
export function readColumn(plan: ColumnPlan, vector: duckdb.Vector, count: number): Column {
  const { type, found } = plan;
  const validity = readValidity(vector, count);
  if (type.kind === 'list') return readLists(plan, vector, count, validity);
  if (type.kind === 'vector') {
    const { values } = readValues(
      plan,
      (found as DuckDBArrayType).valueType,
      duckdb.array_vector_get_child(vector),
      count * type.width,
      undefined,
    );
    return new Column(type, count, values, { validity });
  }
  const { values, dictionary } = readValues(plan, found, vector, count, validity);
  return new Column(type, count, values, { validity, dictionary });
}

function readValidity(vector: duckdb.Vector, count: number): Uint8Array | undefined {
  const bytes: Uint8Array | null = duckdb.vector_get_validity(vector, ((count + 63) >>> 6) << 3);
  if (bytes === null || bytes === undefined || bytes.length === 0) return undefined;
  const bitmap = bytes.subarray(0, (count + 7) >>> 3);
  if ((count & 7) !== 0) bitmap[bitmap.length - 1]! &= (1 << (count & 7)) - 1;
  return bitmap;
}

interface Read {
  readonly values: Column['values'];
  readonly dictionary?: Dictionary | undefined;
}

function readValues(
  plan: ColumnPlan,
  found: DuckDBType,
  vector: duckdb.Vector,
  count: number,
  validity: Uint8Array | undefined,
): Read {
  const { name } = plan;
  const id = found.typeId;
  if (id === Id.ENUM) return readMembers(plan, found as DuckDBEnumType, vector, count, validity);
  if (id === Id.SQLNULL) return { values: new Int32Array(count), dictionary: plan.strings().table.dictionary };
  const size = BYTES[id] ?? bytesOfTimestamp(id);
  const raw: RawValues = { bytes: duckdb.vector_get_data(vector, count * size), count, validity, name };
  if (id === Id.VARCHAR) return readStrings(plan.strings(), raw);
  if (id === Id.BOOLEAN) return { values: readBooleans(raw) };
  if (id === Id.FLOAT && plan.type.kind !== 'list')
    return { values: new Float32Array(raw.bytes.buffer, raw.bytes.byteOffset, count) };
  const values = int32Readers[id]?.(raw) ?? float64Readers[id]?.(raw) ?? readTimestamps(id, raw);
  return { values };
}

function readStrings(codes: StringCodes, { bytes, count, validity }: RawValues): Read {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, count * 4);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Int32Array(count);
  codes.beginChunk();
  for (let row = 0; row < count; row += 1) {
    if (validity === undefined || ((validity[row >>> 3]! >>> (row & 7)) & 1) === 1)
      values[row] = codes.codeAt(words, buffer, 4 * row);
  }
  return { values, dictionary: codes.table.dictionary };
}

function readBooleans({ bytes, count }: RawValues): Uint8Array {
  const bits = new Uint8Array((count + 7) >>> 3);
  for (let row = 0; row < count; row += 1) if (bytes[row] !== 0) bits[row >>> 3]! |= 1 << (row & 7);
  return bits;
}

function readMembers(
  { members }: ColumnPlan,
  found: DuckDBEnumType,
  vector: duckdb.Vector,
  count: number,
  validity: Uint8Array | undefined,
): Read {
  const size = found.internalTypeId === Id.UTINYINT ? 1 : found.internalTypeId === Id.USMALLINT ? 2 : 4;
  const { buffer, byteOffset } = duckdb.vector_get_data(vector, count * size);
  const codes =
    size === 1
      ? new Uint8Array(buffer, byteOffset, count)
      : size === 2
        ? new Uint16Array(buffer, byteOffset, count)
        : new Uint32Array(buffer, byteOffset, count);
  const values = new Int32Array(count);
  for (let row = 0; row < count; row += 1) {
    if (validity === undefined || ((validity[row >>> 3]! >>> (row & 7)) & 1) === 1) values[row] = codes[row]!;
  }
  return { values, dictionary: members };
}

/** Elements may lie in any order in DuckDB's child vector, with gaps; a frame has them in the order of its rows. */
function readLists(plan: ColumnPlan, vector: duckdb.Vector, count: number, validity: Uint8Array | undefined): Column {
  const { type, found, name } = plan;
  const bytes = duckdb.vector_get_data(vector, count * 16);
  const entries = new Int32Array(bytes.buffer, bytes.byteOffset, count * 4);
  const size = duckdb.list_vector_get_size(vector);
  const child = duckdb.list_vector_get_child(vector);
  const present = readValidity(child, size);
  const all = readValues(plan, (found as DuckDBListType).valueType, child, size, present);
  const offsets = new Int32Array(count + 1);
  const isNull = (row: number): boolean => validity !== undefined && ((validity[row >>> 3]! >>> (row & 7)) & 1) === 0;
  for (let row = 0; row < count; row += 1) offsets[row + 1] = offsets[row]! + (isNull(row) ? 0 : entries[4 * row + 2]!);
  const { width } = type;
  const total = offsets[count]!;
  const values = new (all.values.constructor as Int32ArrayConstructor)(total * width);
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
    if (((present[at >>> 3]! >>> (at & 7)) & 1) === 0) {
      throw new MilongaError(
        'MILONGA_LAKE_QUERY_FAILED',
        `Column "${name}" of the result has a list with a null in it; lists of a frame have none. Filter the list in the query.`,
      );
    }
  }
}
