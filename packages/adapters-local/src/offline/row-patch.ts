import { MilongaError, type RowMutation } from '@milonga/core';
import type { OfflineTable } from './offline-table.ts';
import {
  CELL_HEADER_BYTES,
  cellEnd,
  firstCell,
  MAX_QUALIFIER_BYTES,
  qualifierLengthAt,
  ROW_VERSION,
  timestampAt,
  writeTimestamp,
} from './row-codec.ts';

/** One change of one cell; a `value` of `undefined` deletes it. */
interface Change {
  readonly family: number;
  readonly qualifier: Uint8Array;
  readonly value: Uint8Array | undefined;
  readonly at: number;
}

/** What a mutation makes of a row. */
export type PatchOutcome = 'rejected' | 'empty' | 'written';

/**
 * Applies mutations to packed rows without unpacking them: cells that do not change are copied in runs. Cells past their
 * time to live are left out of what is written.
 */
export class RowPatch {
  /** The new row, from 0 to `length`, after `apply` returned 'written'. Overwritten by the next call. */
  bytes: Buffer = Buffer.allocUnsafeSlow(64 * 1024);
  length = 0;

  apply(
    table: OfflineTable,
    existing: Uint8Array | undefined,
    size: number,
    mutation: RowMutation,
    now: number,
  ): PatchOutcome {
    if (mutation.onlyIf !== undefined && !holds(table, existing, size, mutation.onlyIf, now)) return 'rejected';
    const changes = changesOf(table, mutation);
    this.length = 1;
    this.bytes[0] = ROW_VERSION;
    const old = mutation.deleteRow === true ? undefined : existing;
    this.#merge(table, old, old === undefined ? 0 : size, changes, now);
    return this.length === 1 ? 'empty' : 'written';
  }

  #merge(
    table: OfflineTable,
    old: Uint8Array | undefined,
    size: number,
    changes: readonly Change[],
    now: number,
  ): void {
    let at = old === undefined ? 0 : firstCell(old, size);
    let runStart = at;
    let next = 0;
    while (at < size) {
      const end = cellEnd(old!, at, size);
      let order = compareCell(old!, at, changes[next]);
      while (order > 0) {
        this.#copy(old!, runStart, at);
        runStart = at;
        this.#write(changes[next]!);
        next += 1;
        order = compareCell(old!, at, changes[next]);
      }
      const isReplaced = order === 0;
      if (isReplaced || now >= timestampAt(old!, at) + table.familyOf(old![at]!).ttlMs) {
        this.#copy(old!, runStart, at);
        runStart = end;
        if (isReplaced) {
          this.#write(changes[next]!);
          next += 1;
        }
      }
      at = end;
    }
    if (old !== undefined) this.#copy(old, runStart, size);
    for (; next < changes.length; next += 1) this.#write(changes[next]!);
  }

  #copy(from: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (length <= 0) return;
    this.#reserve(length);
    if (length < 48) {
      for (let i = 0, to = this.length; i < length; i += 1) this.bytes[to + i] = from[start + i]!;
    } else {
      Buffer.prototype.copy.call(from, this.bytes, this.length, start, end);
    }
    this.length += length;
  }

  #write({ family, qualifier, value, at }: Change): void {
    if (value === undefined) return;
    this.#reserve(CELL_HEADER_BYTES + qualifier.length + value.length);
    const { bytes, length: to } = this;
    bytes[to] = family;
    bytes[to + 1] = qualifier.length;
    bytes[to + 2] = qualifier.length >>> 8;
    bytes.writeUInt32LE(value.length, to + 3);
    writeTimestamp(bytes, to, at);
    bytes.set(qualifier, to + CELL_HEADER_BYTES);
    bytes.set(value, to + CELL_HEADER_BYTES + qualifier.length);
    this.length = to + CELL_HEADER_BYTES + qualifier.length + value.length;
  }

  #reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + more));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }
}

/** Deletes first, then sets, the last of equal cells winning; in stored order. */
function changesOf(table: OfflineTable, mutation: RowMutation): readonly Change[] {
  const changes: Change[] = [];
  for (const { family, qualifier } of mutation.delete ?? [])
    changes.push({ family: table.family(family).id, qualifier, value: undefined, at: 0 });
  for (const { family, qualifier, value, at } of mutation.set ?? []) {
    if (qualifier.length > MAX_QUALIFIER_BYTES) throw tooLong(qualifier.length);
    if (!Number.isFinite(at))
      throw new MilongaError(
        'MILONGA_DEFINITION_INVALID',
        `A cell's \`at\` must be a finite time in Unix ms; found ${at}.`,
      );
    changes.push({ family: table.family(family).id, qualifier, value, at });
  }
  if (changes.length < 2) return changes;
  changes.sort(compareChanges);
  return changes.filter((change, i) => i === changes.length - 1 || compareChanges(change, changes[i + 1]!) !== 0);
}

const tooLong = (found: number): MilongaError =>
  new MilongaError('MILONGA_KEY_INVALID', `A qualifier may have at most ${MAX_QUALIFIER_BYTES} bytes; found ${found}.`);

const compareChanges = (a: Change, b: Change): number =>
  a.family - b.family || Buffer.compare(a.qualifier, b.qualifier);

/** Order of the stored cell at `at` relative to a change; before everything when there is none. */
function compareCell(row: Uint8Array, at: number, change: Change | undefined): number {
  if (change === undefined) return -1;
  const byFamily = row[at]! - change.family;
  if (byFamily !== 0) return byFamily;
  const length = qualifierLengthAt(row, at);
  const { qualifier } = change;
  const start = at + CELL_HEADER_BYTES;
  const shared = Math.min(length, qualifier.length);
  for (let i = 0; i < shared; i += 1) {
    const difference = row[start + i]! - qualifier[i]!;
    if (difference !== 0) return difference;
  }
  return length - qualifier.length;
}

function holds(
  table: OfflineTable,
  row: Uint8Array | undefined,
  size: number,
  condition: NonNullable<RowMutation['onlyIf']>,
  now: number,
): boolean {
  const family = table.family(condition.family);
  const wanted: Change = { family: family.id, qualifier: condition.qualifier, value: undefined, at: 0 };
  for (let at = row === undefined ? 0 : firstCell(row, size); at < size; ) {
    const end = cellEnd(row!, at, size);
    const order = compareCell(row!, at, wanted);
    if (order > 0) break;
    if (order === 0 && now < timestampAt(row!, at) + family.ttlMs) {
      const start = at + CELL_HEADER_BYTES + condition.qualifier.length;
      return (
        condition.equals !== undefined &&
        Buffer.prototype.compare.call(row!, condition.equals, 0, condition.equals.length, start, end) === 0
      );
    }
    at = end;
  }
  return condition.equals === undefined;
}
