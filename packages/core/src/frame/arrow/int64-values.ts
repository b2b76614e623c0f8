import { timestamp } from '../../schema/factories.ts';
import { hasBit } from '../bits.ts';
import { newValues } from '../slab.ts';
import { readTimestamp, writeTimestamp } from '../timestamp-words.ts';
import { unsupported } from './arrow-errors.ts';
import type { ArrowType } from './arrow-field.ts';

const TIMESTAMP = timestamp();
const isPresent = (validity: Uint8Array | undefined, row: number): boolean =>
  validity === undefined || hasBit(validity, row);

/** 64-bit integers as float64, exact or not at all. */
export function float64Of(
  words: Int32Array,
  isSigned: boolean,
  validity: Uint8Array | undefined,
  name: string,
): Float64Array {
  const values = new Float64Array(words.length / 2);
  for (let row = 0; row < values.length; row += 1) {
    const high = isSigned ? words[2 * row + 1]! : words[2 * row + 1]! >>> 0;
    const value = high * 4_294_967_296 + (words[2 * row]! >>> 0);
    if (!Number.isSafeInteger(value) && isPresent(validity, row)) {
      throw unsupported(
        `column "${name}" holds about ${value} at row ${row}, an integer that float64 cannot hold; cast it where it is written`,
      );
    }
    values[row] = value;
  }
  return values;
}

/** Checks milliseconds that stay where they are. */
export function checkMilliseconds(words: Int32Array, validity: Uint8Array | undefined, name: string): void {
  for (let at = 1; at < words.length; at += 2) {
    const high = words[at]!;
    if ((high >= 0x200000 || high < -0x200000) && isPresent(validity, at >> 1)) throw outside(name, at >> 1);
  }
}

const outside = (name: string, row: number): Error =>
  unsupported(`column "${name}" has a moment outside of what milliseconds can tell at row ${row}`);

/** Moments in another unit as milliseconds, rounded towards the past. */
export function millisecondsOf(
  words: Int32Array,
  unit: ArrowType['unit'],
  validity: Uint8Array | undefined,
  name: string,
): Int32Array {
  const length = words.length / 2;
  const result = newValues(TIMESTAMP, length) as Int32Array;
  for (let row = 0; row < length; row += 1) {
    if (!isPresent(validity, row)) continue;
    const value = readTimestamp(words, row);
    let unixMs = value;
    if (unit === 's') unixMs = value * 1000;
    else if (!Number.isSafeInteger(value)) unixMs = Number(bigQuotient(words, row, unit === 'us' ? 1000n : 1_000_000n));
    else unixMs = Math.floor(value / (unit === 'us' ? 1000 : 1_000_000));
    if (!Number.isSafeInteger(unixMs)) throw outside(name, row);
    writeTimestamp(result, row, unixMs);
  }
  return result;
}

/** Nanoseconds since 1970 are beyond 2^53; only they need big integers. */
function bigQuotient(words: Int32Array, row: number, divisor: bigint): bigint {
  const value = (BigInt(words[2 * row + 1]!) << 32n) | BigInt(words[2 * row]! >>> 0);
  const quotient = value / divisor;
  return value < 0n && quotient * divisor !== value ? quotient - 1n : quotient;
}

/** Days since 1970 as milliseconds. */
export function millisecondsOfDays(days: Int32Array, validity: Uint8Array | undefined, name: string): Int32Array {
  const result = newValues(TIMESTAMP, days.length) as Int32Array;
  for (let row = 0; row < days.length; row += 1) {
    if (!isPresent(validity, row)) continue;
    const unixMs = days[row]! * 86_400_000;
    if (!Number.isSafeInteger(unixMs)) throw outside(name, row);
    writeTimestamp(result, row, unixMs);
  }
  return result;
}

/** 64-bit offsets as 32-bit ones. */
export function shortOffsets(words: Int32Array): Int32Array {
  const offsets = new Int32Array(words.length / 2);
  for (let at = 0; at < offsets.length; at += 1) {
    if (words[2 * at + 1] !== 0 || words[2 * at]! < 0) throw unsupported('an array of more than 2 GiB');
    offsets[at] = words[2 * at]!;
  }
  return offsets;
}
