import type { ScanRange, WideRow } from '@milonga/core';
import type { Environment } from '../environment/environment.ts';
import { after } from '../environment/keys.ts';
import type { OfflineTable } from './offline-table.ts';
import { decodeRow } from './row-codec.ts';

const ROWS_PER_BATCH = 256;
const BYTES_PER_BATCH = 1024 * 1024;

/**
 * Rows of a range in batches. Each batch is read in a snapshot of its own, so that a scan that takes hours holds no old
 * pages.
 */
export function* scanTable(
  environment: Environment,
  table: OfflineTable,
  range: ScanRange,
  families: ReadonlySet<number> | undefined,
  now: () => number,
): Generator<readonly WideRow[], void> {
  let left = range.limit ?? Infinity;
  let start: Uint8Array | undefined = range.start;
  if (range.end?.length === 0) return;
  while (left > 0) {
    const batch = environment.read(() => readBatch(table, start, range.end, left, families, now()));
    left -= batch.rows.length;
    if (batch.rows.length > 0) yield batch.rows;
    if (batch.next === undefined) return;
    start = batch.next;
  }
}

interface ScanBatch {
  readonly rows: readonly WideRow[];
  /** Where to go on; `undefined` at the end of the range. */
  readonly next: Uint8Array | undefined;
}

function readBatch(
  table: OfflineTable,
  start: Uint8Array | undefined,
  end: Uint8Array | undefined,
  left: number,
  families: ReadonlySet<number> | undefined,
  now: number,
): ScanBatch {
  const rows: WideRow[] = [];
  let seen = 0;
  let bytes = 0;
  let last: Uint8Array | undefined;
  const from = start === undefined || start.length === 0 ? undefined : start;
  for (const { key, value } of table.rows.getRange({ ...(from && { start: from }), ...(end && { end }) })) {
    last = key;
    seen += 1;
    bytes += value.length;
    const row = decodeRow(key, value, table, families, now);
    if (row !== undefined) rows.push(row);
    if (rows.length >= left || seen >= ROWS_PER_BATCH || bytes >= BYTES_PER_BATCH) return { rows, next: after(last) };
  }
  return { rows, next: undefined };
}
