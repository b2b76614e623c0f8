import { DuckDBTypeId as Id } from '@duckdb/node-api';
import { MilongaError, writeTimestamp } from '@milonga/core';
import { isNull, type RawValues } from './raw-values.ts';

const TWO_POW_32 = 4_294_967_296;
const DAY_MS = 86_400_000;

/** DuckDB's units for a moment: how many make a millisecond, or how many milliseconds one is. */
const PER_MS: Readonly<Partial<Record<Id, number>>> = {
  [Id.TIMESTAMP]: 1_000,
  [Id.TIMESTAMP_TZ]: 1_000,
  [Id.TIMESTAMP_NS]: 1_000_000,
};

/** Bytes of one value. */
export const bytesOfTimestamp = (id: Id): number => (id === Id.DATE ? 4 : 8);

/** Moments as Arrow's words of Unix ms; parts of a millisecond are cut off downwards. */
export function readTimestamps(id: Id, raw: RawValues): Int32Array {
  const { bytes, count, validity, name } = raw;
  if (id === Id.TIMESTAMP_MS) return new Int32Array(bytes.buffer, bytes.byteOffset, 2 * count);
  const words = new Int32Array(2 * count);
  const found = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 2);
  for (let row = 0; row < count; row += 1) {
    if (isNull(validity, row)) continue;
    const unixMs = id === Id.DATE ? found[row]! * DAY_MS : scaled(found[2 * row + 1]!, found[2 * row]! >>> 0, id);
    if (!Number.isSafeInteger(unixMs)) throw outOfRange(name);
    writeTimestamp(words, row, unixMs);
  }
  return words;
}

/** The words of an int64, each divided for itself so that nothing above 2^53 is ever added up. */
function scaled(high: number, low: number, id: Id): number {
  if (id === Id.TIMESTAMP_S) return (high * TWO_POW_32 + low) * 1_000;
  if (high === 0x7fff_ffff || high === -0x8000_0000) return Number.NaN; // infinity, as DuckDB writes it
  const per = PER_MS[id]!;
  const whole = Math.floor(high / per);
  return whole * TWO_POW_32 + Math.floor(((high - whole * per) * TWO_POW_32 + low) / per);
}

const outOfRange = (name: string): MilongaError =>
  new MilongaError(
    'MILONGA_LAKE_QUERY_FAILED',
    `Column "${name}" of the result has a moment that is not a whole number of Unix ms, such as infinity. Filter it out in the query.`,
  );
