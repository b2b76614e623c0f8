import { MilongaError } from '@milonga/core';
import type { Environment } from '../environment/environment.ts';
import { after } from '../environment/keys.ts';
import type { SweepStep } from '../environment/sweeper.ts';
import type { OfflineTable } from './offline-table.ts';
import { cellEnd, firstCell, timestampAt } from './row-codec.ts';
import type { RowPatch } from './row-patch.ts';

const ROWS_PER_STEP = 128;

/** False for a row that is corrupt: its readers and writers are told, and the sweep goes on behind it. */
function hasExpired(table: OfflineTable, row: Uint8Array, now: number): boolean {
  try {
    for (let at = firstCell(row, row.length); at < row.length; at = cellEnd(row, at, row.length)) {
      if (now >= timestampAt(row, at) + table.familyOf(row[at]!).ttlMs) return true;
    }
    return false;
  } catch (error) {
    if (MilongaError.isInstance(error)) return false;
    throw error;
  }
}

/** Steps through the tables that have a time to live, and takes expired cells out of their rows. */
export function offlineSweep(
  environment: Environment,
  tables: () => readonly OfflineTable[],
  patch: RowPatch,
  now: () => number,
): () => Promise<SweepStep> {
  let at = 0;
  let start: Uint8Array = Uint8Array.of(0);
  return async () => {
    const all = tables();
    const table = all[at];
    if (table === undefined) {
      at = 0;
      return { swept: 0, isEnd: true };
    }
    const time = now();
    const expired: Uint8Array[] = [];
    let seen = 0;
    let last = start;
    environment.read(() => {
      for (const { key, value } of table.rows.getRange({ start, limit: ROWS_PER_STEP })) {
        seen += 1;
        last = key;
        if (hasExpired(table, value, time)) expired.push(key);
      }
    });
    const isLast = seen < ROWS_PER_STEP;
    start = isLast ? Uint8Array.of(0) : after(last);
    if (isLast) at = (at + 1) % all.length;
    if (expired.length > 0) {
      await environment.write(() => {
        for (const key of expired) shorten(environment, table, key, patch, time);
      });
    }
    return { swept: expired.length, isEnd: isLast && at === 0 };
  };
}

function shorten(environment: Environment, table: OfflineTable, key: Uint8Array, patch: RowPatch, now: number): void {
  const row = table.rows.getBinaryFast(key);
  if (row === undefined) return;
  if (patch.apply(table, row, row.length, { key }, now) === 'empty') environment.remove(table.rows, key);
  else environment.put(table.rows, key, patch.bytes.subarray(0, patch.length));
}
