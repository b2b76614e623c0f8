import { MilongaError, type OnlineRow } from '@milonga/core';

/**
 * How a row lies in one value of Redis: `version u8 | expires at f64 | columns`, a column being
 * `name length u16 | value length u32 | name | value`, little-endian, unaligned, in any order. The time is by the server's clock.
 * `WRITE_ROW` writes it.
 */
const ROW_VERSION = 1;
const HEADER_BYTES = 9;
const COLUMN_HEADER_BYTES = 6;

/** Unix ms by the server's clock; Infinity for never. */
export const expiresAt = (row: Buffer): number => row.readDoubleLE(1);

/** Picks columns out of packed rows, in the order of the ask. */
export class ColumnPicker {
  readonly #names: readonly Buffer[];
  /** For each asked column the first place of its name; `undefined` when no name comes twice. */
  readonly #firsts: readonly number[] | undefined;

  constructor(columns: readonly string[]) {
    this.#names = columns.map((name) => Buffer.from(name));
    this.#firsts = new Set(columns).size === columns.length ? undefined : columns.map((name) => columns.indexOf(name));
  }

  /** What is picked are views of `row`. */
  pick(row: Buffer): OnlineRow {
    const size = row.length;
    if (size < HEADER_BYTES || row[0] !== ROW_VERSION) throw corrupt(`version ${row[0]} and ${size} bytes`);
    const count = this.#names.length;
    const picked: (Uint8Array | undefined)[] = [];
    for (let i = 0; i < count; i += 1) picked.push(undefined);
    let guess = 0;
    for (let at = HEADER_BYTES; at < size; ) {
      const from = at + COLUMN_HEADER_BYTES;
      if (from > size) throw corrupt(`a column at byte ${at} ends past ${size}`);
      const valueFrom = from + (row[at]! | (row[at + 1]! << 8));
      const end = valueFrom + row.readUInt32LE(at + 2);
      if (end > size) throw corrupt(`a column at byte ${at} ends past ${size}`);
      const place = this.#placeOf(row, from, valueFrom, guess);
      if (place >= 0) {
        picked[place] = new Uint8Array(row.buffer, row.byteOffset + valueFrom, end - valueFrom);
        guess = place + 1;
      }
      at = end;
    }
    return this.#firsts === undefined ? picked : this.#firsts.map((first) => picked[first]);
  }

  /** Rows that were written alike are asked for alike: the name is most likely the one after the last. */
  #placeOf(row: Buffer, from: number, end: number, guess: number): number {
    const count = this.#names.length;
    for (let i = 0; i < count; i += 1) {
      const place = (guess + i) % count;
      if (isAt(this.#names[place]!, row, from, end)) return this.#firsts === undefined ? place : this.#firsts[place]!;
    }
    return -1;
  }
}

function isAt(name: Buffer, row: Buffer, from: number, end: number): boolean {
  if (name.length !== end - from) return false;
  for (let i = name.length - 1; i >= 0; i -= 1) if (name[i] !== row[from + i]) return false;
  return true;
}

const corrupt = (found: string): MilongaError =>
  new MilongaError(
    'MILONGA_STORAGE_CORRUPT',
    `A row of the online store in Redis cannot be decoded: ${found}. Delete it, or use another \`keyPrefix\`.`,
  );
