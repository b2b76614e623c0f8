import type { Cell, WideRow } from '@milonga/core';
import { corrupt } from '../environment/storage-errors.ts';
import type { OfflineTable } from './offline-table.ts';

/**
 * How a row lies in a value: one byte of version, then its cells in order of family id, then of qualifier. A cell is
 * `family u8 | qualifier length u16 | value length u32 | at f64 | qualifier | value`, little-endian, unaligned.
 */
export const ROW_VERSION = 1;
export const CELL_HEADER_BYTES = 15;
export const MAX_QUALIFIER_BYTES = 0xffff;

/** Reads doubles from unaligned places of many buffers without making a view for each. */
const eight = new Uint8Array(8);
const float = new Float64Array(eight.buffer);

/** The cell's timestamp, of the cell that begins at `at`. */
export function timestampAt(bytes: Uint8Array, at: number): number {
  for (let i = 0; i < 8; i += 1) eight[i] = bytes[at + 7 + i]!;
  return float[0]!;
}

export function writeTimestamp(bytes: Uint8Array, at: number, value: number): void {
  float[0] = value;
  for (let i = 0; i < 8; i += 1) bytes[at + 7 + i] = eight[i]!;
}

export const qualifierLengthAt = (bytes: Uint8Array, at: number): number => bytes[at + 1]! | (bytes[at + 2]! << 8);

export const valueLengthAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at + 3]! | (bytes[at + 4]! << 8) | (bytes[at + 5]! << 16) | (bytes[at + 6]! << 24)) >>> 0;

/** Where the cell that begins at `at` ends, checked against the row's end. */
export function cellEnd(bytes: Uint8Array, at: number, end: number): number {
  if (at + CELL_HEADER_BYTES > end)
    throw corrupt('A row of the offline store', `a cell is cut off at byte ${at} of ${end}`);
  const next = at + CELL_HEADER_BYTES + qualifierLengthAt(bytes, at) + valueLengthAt(bytes, at);
  if (next > end)
    throw corrupt('A row of the offline store', `a cell at byte ${at} claims to end at ${next}, past ${end}`);
  return next;
}

/** Checks the version and gives the place of the first cell. */
export function firstCell(bytes: Uint8Array, end: number): number {
  if (end < 1 || bytes[0] !== ROW_VERSION)
    throw corrupt('A row of the offline store', `version ${end < 1 ? 'none' : bytes[0]} instead of ${ROW_VERSION}`);
  return 1;
}

/** Decodes a row; `bytes` is kept by the cells, so it must not be reused. `undefined` when no wanted cell is alive. */
export function decodeRow(
  key: Uint8Array,
  bytes: Uint8Array,
  table: OfflineTable,
  families: ReadonlySet<number> | undefined,
  now: number,
): WideRow | undefined {
  const end = bytes.byteLength;
  const { buffer, byteOffset } = bytes;
  const cells: Cell[] = [];
  for (let at = firstCell(bytes, end); at < end; ) {
    const next = cellEnd(bytes, at, end);
    const id = bytes[at]!;
    const family = table.familyOf(id);
    const writtenAt = timestampAt(bytes, at);
    if ((families === undefined || families.has(id)) && now < writtenAt + family.ttlMs) {
      const qualifierStart = byteOffset + at + CELL_HEADER_BYTES;
      const qualifierLength = qualifierLengthAt(bytes, at);
      cells.push({
        family: family.name,
        qualifier: new Uint8Array(buffer, qualifierStart, qualifierLength),
        value: new Uint8Array(
          buffer,
          qualifierStart + qualifierLength,
          byteOffset + next - qualifierStart - qualifierLength,
        ),
        at: writtenAt,
      });
    }
    at = next;
  }
  if (cells.length === 0) return undefined;
  if (!table.isOrderedById) cells.sort((a, b) => table.rankOf(a.family) - table.rankOf(b.family));
  return { key, cells };
}
