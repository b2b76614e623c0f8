import { DuckDBTypeId as Id } from '@duckdb/node-api';
import { MilongaError } from '@milonga/core';
import { isNull, type RawValues } from './raw-values.ts';

const TWO_POW_32 = 4_294_967_296;
/** The high word of 2^53. */
const SAFE_HIGH = 0x20_0000;

type ReadIntegers = (raw: RawValues) => Int32Array;

/** Integers of less than 32 bits, and those of 32. */
export const int32Readers: Readonly<Partial<Record<Id, ReadIntegers>>> = {
  [Id.TINYINT]: ({ bytes, count }) => Int32Array.from(new Int8Array(bytes.buffer, bytes.byteOffset, count)),
  [Id.SMALLINT]: ({ bytes, count }) => Int32Array.from(new Int16Array(bytes.buffer, bytes.byteOffset, count)),
  [Id.UTINYINT]: ({ bytes, count }) => Int32Array.from(new Uint8Array(bytes.buffer, bytes.byteOffset, count)),
  [Id.USMALLINT]: ({ bytes, count }) => Int32Array.from(new Uint16Array(bytes.buffer, bytes.byteOffset, count)),
  [Id.INTEGER]: ({ bytes, count }) => new Int32Array(bytes.buffer, bytes.byteOffset, count),
};

const tooLarge = (name: string): MilongaError =>
  new MilongaError(
    'MILONGA_LAKE_QUERY_FAILED',
    `Column "${name}" of the result has an integer beyond 2^53, which a float64 cannot hold exactly. Cast it to DOUBLE to accept the loss, or to VARCHAR.`,
  );

/** Integers of `words` 32-bit words each, low word first, as float64. */
function wideIntegers({ bytes, count, validity, name }: RawValues, words: number, isSigned: boolean): Float64Array {
  const low = new Uint32Array(bytes.buffer, bytes.byteOffset, count * words);
  const values = new Float64Array(count);
  for (let row = 0; row < count; row += 1) {
    if (isNull(validity, row)) continue;
    const at = row * words;
    const high = isSigned ? low[at + 1]! | 0 : low[at + 1]!;
    const extension = high < 0 ? 0xffff_ffff : 0;
    const isWide = words === 4 && (low[at + 2] !== extension || low[at + 3] !== extension);
    if (isWide || high > SAFE_HIGH || (high === SAFE_HIGH && low[at]! > 0) || high < -SAFE_HIGH) throw tooLarge(name);
    values[row] = high * TWO_POW_32 + low[at]!;
  }
  return values;
}

type ReadFloats = (raw: RawValues) => Float64Array;

/** What becomes float64. */
export const float64Readers: Readonly<Partial<Record<Id, ReadFloats>>> = {
  [Id.DOUBLE]: ({ bytes, count }) => new Float64Array(bytes.buffer, bytes.byteOffset, count),
  [Id.FLOAT]: ({ bytes, count }) => Float64Array.from(new Float32Array(bytes.buffer, bytes.byteOffset, count)),
  [Id.UINTEGER]: ({ bytes, count }) => Float64Array.from(new Uint32Array(bytes.buffer, bytes.byteOffset, count)),
  [Id.BIGINT]: (raw) => wideIntegers(raw, 2, true),
  [Id.UBIGINT]: (raw) => wideIntegers(raw, 2, false),
  [Id.HUGEINT]: (raw) => wideIntegers(raw, 4, true),
  [Id.UHUGEINT]: (raw) => wideIntegers(raw, 4, false),
};
