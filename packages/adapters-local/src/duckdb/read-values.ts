import { type DuckDBEnumType, type DuckDBType, DuckDBTypeId as Id } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import type { Column, Dictionary, ValueType } from '@milonga/core';
import { MOST_INLINE_BYTES } from './inline-string.ts';
import { decodeLongStrings } from './long-strings.ts';
import { isNull, type RawValues } from './raw-values.ts';
import { float64Readers, int32Readers } from './read-numbers.ts';
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

/** Values of a column, or elements of a list. */
export interface ReadValues {
  readonly values: Column['values'];
  readonly dictionary?: Dictionary | undefined;
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
};

/** The values of a vector of DuckDB, as a frame has them. */
export function readValues(
  plan: ColumnPlan,
  found: DuckDBType,
  vector: duckdb.Vector,
  count: number,
  validity: Uint8Array | undefined,
): ReadValues {
  const id = found.typeId;
  if (id === Id.SQLNULL) return { values: new Int32Array(count), dictionary: plan.strings().table.dictionary };
  const size = id === Id.ENUM ? bytesOfMember(found as DuckDBEnumType) : (BYTES[id] ?? bytesOfTimestamp(id));
  const raw: RawValues = { bytes: duckdb.vector_get_data(vector, count * size), count, validity, name: plan.name };
  if (id === Id.VARCHAR) return readStrings(plan.strings(), raw);
  if (id === Id.ENUM) return readMembers(plan, raw, size);
  if (id === Id.BOOLEAN) return { values: readBooleans(raw) };
  if (id === Id.FLOAT && plan.type.kind !== 'list') {
    return { values: new Float32Array(raw.bytes.buffer, raw.bytes.byteOffset, count) };
  }
  return { values: int32Readers[id]?.(raw) ?? float64Readers[id]?.(raw) ?? readTimestamps(id, raw) };
}

function readStrings(codes: StringCodes, { bytes, count, validity }: RawValues): ReadValues {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, count * 4);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Int32Array(count);
  const long: number[] = [];
  for (let row = 0; row < count; row += 1) {
    if (isNull(validity, row)) continue;
    if (words[4 * row]! > MOST_INLINE_BYTES) long.push(row);
    else values[row] = codes.codeAt(words, buffer, 4 * row);
  }
  decodeLongStrings(words, long, (row, text) => {
    values[row] = codes.table.codeOf(text);
  });
  return { values, dictionary: codes.table.dictionary };
}

function readBooleans({ bytes, count }: RawValues): Uint8Array {
  const bits = new Uint8Array((count + 7) >>> 3);
  for (let row = 0; row < count; row += 1) if (bytes[row] !== 0) bits[row >>> 3]! |= 1 << (row & 7);
  return bits;
}

const bytesOfMember = ({ internalTypeId }: DuckDBEnumType): number =>
  internalTypeId === Id.UTINYINT ? 1 : internalTypeId === Id.USMALLINT ? 2 : 4;

function readMembers({ members }: ColumnPlan, { bytes, count, validity }: RawValues, size: number): ReadValues {
  const { buffer, byteOffset } = bytes;
  const codes =
    size === 1
      ? new Uint8Array(buffer, byteOffset, count)
      : size === 2
        ? new Uint16Array(buffer, byteOffset, count)
        : new Uint32Array(buffer, byteOffset, count);
  const values = new Int32Array(count);
  for (let row = 0; row < count; row += 1) if (!isNull(validity, row)) values[row] = codes[row]!;
  return { values, dictionary: members };
}
