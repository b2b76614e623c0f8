import { corrupt } from '../environment/storage-errors.ts';
import { readDouble, writeDouble } from './expiry.ts';

/**
 * How a row lies in a value: `version u8 | expires at f64 | columns`, a column being `id u16 | length u32 | bytes`,
 * little-endian, unaligned, in any order.
 */
const ROW_VERSION = 1;
const HEADER_BYTES = 9;
const COLUMN_HEADER_BYTES = 6;

const idAt = (row: Uint8Array, at: number): number => row[at]! | (row[at + 1]! << 8);
const lengthAt = (row: Uint8Array, at: number): number =>
  (row[at + 2]! | (row[at + 3]! << 8) | (row[at + 4]! << 16) | (row[at + 5]! << 24)) >>> 0;

/** True when the row is there to be read at `now`. */
export function isAlive(row: Uint8Array, size: number, now: number): boolean {
  if (size < HEADER_BYTES || row[0] !== ROW_VERSION)
    throw corrupt('A row of the online store', `version ${row[0]} and ${size} bytes`);
  return now < readDouble(row, 1);
}

/**
 * Picks columns of the row that lies in `bytes`, a whole buffer, from `start` to `end`, by id: `wanted[id]` is the place in the answer plus
 * one. What is picked are views of `bytes`.
 */
export function pickColumns(
  bytes: Uint8Array,
  start: number,
  end: number,
  wanted: Uint16Array,
  count: number,
): (Uint8Array | undefined)[] {
  const picked: (Uint8Array | undefined)[] = [];
  for (let i = 0; i < count; i += 1) picked.push(undefined);
  for (let at = start + HEADER_BYTES; at < end; ) {
    const next = columnEnd(bytes, at, end);
    const id = idAt(bytes, at);
    const place = id < wanted.length ? wanted[id]! : 0;
    if (place > 0) {
      const from = at + COLUMN_HEADER_BYTES;
      picked[place - 1] = new Uint8Array(bytes.buffer, from, next - from);
    }
    at = next;
  }
  return picked;
}

function columnEnd(row: Uint8Array, at: number, end: number): number {
  const next = at + COLUMN_HEADER_BYTES <= end ? at + COLUMN_HEADER_BYTES + lengthAt(row, at) : Infinity;
  if (next > end) throw corrupt('A row of the online store', `a column at byte ${at} ends past ${end}`);
  return next;
}

/** Builds rows in memory that is used again for each. */
export class OnlineRowBuilder {
  #bytes: Buffer = Buffer.allocUnsafeSlow(16 * 1024);
  #length = 0;

  /** The row built last. Overwritten by the next. */
  get row(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  begin(expiresAt: number): void {
    this.#bytes[0] = ROW_VERSION;
    writeDouble(this.#bytes, 1, expiresAt);
    this.#length = HEADER_BYTES;
  }

  add(id: number, value: Uint8Array): void {
    this.#header(id, value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** Takes over the columns of a stored row that are not in `replaced`. */
  addOthers(row: Uint8Array, size: number, replaced: ReadonlySet<number>): void {
    for (let at = HEADER_BYTES; at < size; ) {
      const next = columnEnd(row, at, size);
      if (!replaced.has(idAt(row, at))) {
        this.#reserve(next - at);
        Buffer.prototype.copy.call(row, this.#bytes, this.#length, at, next);
        this.#length += next - at;
      }
      at = next;
    }
  }

  #header(id: number, length: number): void {
    this.#reserve(COLUMN_HEADER_BYTES + length);
    this.#bytes.writeUInt16LE(id, this.#length);
    this.#bytes.writeUInt32LE(length, this.#length + 2);
    this.#length += COLUMN_HEADER_BYTES;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#length + more));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
