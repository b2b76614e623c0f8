import type { ScanRange, WideRow } from '@milonga/core';
import type { BigtableConnection } from '../client/bigtable-connection.ts';
import { type ReadPlan, readStream } from './read-stream.ts';
import { cellsOf } from './row-filter.ts';
import type { KnownTable } from './tables.ts';

/** Rows that are handed out at once. */
const ROWS_AT_ONCE = 500;

/** The rows of a range as they come, a few hundred at a time. */
export async function* scanTable(
  connection: BigtableConnection,
  table: KnownTable,
  range: ScanRange,
  plan: Omit<ReadPlan, 'remaining'>,
): AsyncGenerator<readonly WideRow[]> {
  const { limit, families, start, end } = range;
  let left = limit ?? Number.POSITIVE_INFINITY;
  const isEmpty = families?.length === 0 || (end !== undefined && Buffer.compare(start ?? new Uint8Array(), end) >= 0);
  if (left <= 0 || isEmpty) return;
  // Bigtable counts rows whose cells are all past their time to live; we do not.
  const mayExpire = [...table.ttlMs].some(
    ([family, ttlMs]) => ttlMs !== undefined && (families?.includes(family) ?? true),
  );
  const rows = readStream(connection, {
    ...plan,
    remaining: (lastKey) => ({
      tableName: table.path,
      rows: { rowRanges: [{ ...from(start, lastKey), ...(end !== undefined && { endKeyOpen: end }) }] },
      filter: cellsOf(families),
      ...(!mayExpire && Number.isFinite(left) && { rowsLimit: left }),
    }),
  });
  for await (const some of rows) {
    for (let at = 0; at < some.length && left > 0; at += ROWS_AT_ONCE) {
      const batch = some.slice(at, Math.min(some.length, at + Math.min(ROWS_AT_ONCE, left)));
      left -= batch.length;
      yield batch;
    }
    if (left <= 0) return;
  }
}

const from = (start: Uint8Array | undefined, lastKey: Uint8Array | undefined): object => {
  if (lastKey !== undefined) return { startKeyOpen: lastKey };
  return start === undefined || start.length === 0 ? {} : { startKeyClosed: start };
};
