import { corrupt } from '../environment/storage-errors.ts';
import { readDouble, writeDouble } from './expiry.ts';

/**
 * How a list lies in a value: `version u8 | expires at f64 | count u32 | values`, oldest first, a value being
 * `length u32 | bytes`, little-endian, unaligned.
 */
const LIST_VERSION = 1;
const HEADER_BYTES = 13;

/** How many values a stored list has at `now`: none when it expired. */
export function listLength(list: Buffer | undefined, size: number, now: number): number {
  if (list === undefined) return 0;
  if (size < HEADER_BYTES || list[0] !== LIST_VERSION)
    throw corrupt('A list of the online store', `version ${list[0]} and ${size} bytes`);
  return now < readDouble(list, 1) ? list.readUInt32LE(9) : 0;
}

/** Where the value after the first `skipped` begins. */
function skip(list: Buffer, size: number, skipped: number): number {
  let at = HEADER_BYTES;
  for (let i = 0; i < skipped; i += 1) at = valueEnd(list, size, at);
  return at;
}

function valueEnd(list: Buffer, size: number, at: number): number {
  const next = at + 4 <= size ? at + 4 + list.readUInt32LE(at) : Infinity;
  if (next > size) throw corrupt('A list of the online store', `a value at byte ${at} ends past ${size}`);
  return next;
}

/** The newest `limit` of `count` values, oldest first. They are views of `list`. */
export function newest(list: Buffer, count: number, limit: number): Uint8Array[] {
  const wanted = Math.max(0, Math.min(count, limit));
  const values: Uint8Array[] = [];
  let at = skip(list, list.length, count - wanted);
  for (let i = 0; i < wanted; i += 1) {
    const next = valueEnd(list, list.length, at);
    values.push(new Uint8Array(list.buffer, list.byteOffset + at + 4, next - at - 4));
    at = next;
  }
  return values;
}

/** The list after an append: old values that still fit, then the new ones. */
export function appended(
  list: Buffer | undefined,
  size: number,
  count: number,
  values: readonly Uint8Array[],
  maxLength: number,
  expiresAt: number,
): Buffer {
  const fresh = values.slice(Math.max(0, values.length - maxLength));
  const kept = Math.min(count, maxLength - fresh.length);
  const keptFrom = list === undefined || kept === 0 ? size : skip(list, size, count - kept);
  const keptBytes = kept === 0 ? 0 : size - keptFrom;
  const result = Buffer.allocUnsafe(fresh.reduce((sum, value) => sum + 4 + value.length, HEADER_BYTES + keptBytes));
  result[0] = LIST_VERSION;
  writeDouble(result, 1, expiresAt);
  result.writeUInt32LE(kept + fresh.length, 9);
  if (keptBytes > 0) Buffer.prototype.copy.call(list!, result, HEADER_BYTES, keptFrom, size);
  let at = HEADER_BYTES + keptBytes;
  for (const value of fresh) {
    at = result.writeUInt32LE(value.length, at);
    result.set(value, at);
    at += value.length;
  }
  return result;
}
