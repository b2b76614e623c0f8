import { type Frame, type OffsetRange, readTimestamp } from '@milonga/core';
import { uniqueName } from '../files/publish-file.ts';
import { checkBatch, overlapError } from './batch-checks.ts';
import { withStrings } from './column-record.ts';
import type { LakeFiles } from './lake-files.ts';
import type { FileRecord } from './log-entry.ts';
import type { TableLog } from './table-log.ts';

/** Longest part of a file's name that tells ranges; the log tells them all. */
const MOST_RANGE_CHARACTERS = 100;

/**
 * Appends a batch: writes one file with all its rows, whatever hours they are of, then commits it with its ranges. Until
 * that one step the file is invisible, and after a crash it is swept.
 */
export async function appendBatch(
  log: TableLog,
  files: LakeFiles,
  rows: Frame,
  ranges: readonly OffsetRange[],
  signal?: AbortSignal,
): Promise<void> {
  const { fields, name, partitionBy, columns, coverage } = log.refresh();
  checkBatch(name, rows, fields, ranges);
  const overlap = coverage.overlapWith(ranges);
  if (overlap !== undefined) throw overlapError(name, overlap, coverage);
  if (rows.length === 0 && ranges.length === 0) return;
  const batch = withStrings(rows).as(fields);
  const path = `fresh/${rangesAsName(ranges)}${uniqueName()}.parquet`;
  const pending = log.pending.announce(path);
  const write = (): Promise<readonly FileRecord[]> =>
    writeBatch(files, batch, { table: name, path, columns: columns.length, partitionBy }, signal);
  try {
    let written = await write();
    await log.commit(async (state) => {
      const found = state.coverage.overlapWith(ranges);
      if (found !== undefined) throw overlapError(name, found, state.coverage);
      if (pending.isSwept) {
        pending.isSwept = false; // this process slept so long that another took the file for an orphan
        written = await write();
      }
      return { kind: 'append', files: written, ranges };
    });
  } catch (error) {
    if (!log.refresh().files.has(path)) await files.remove(files.pathOf(name, path));
    throw error;
  } finally {
    pending.done();
  }
}

interface Target {
  readonly table: string;
  readonly path: string;
  readonly columns: number;
  readonly partitionBy: string;
}

async function writeBatch(
  files: LakeFiles,
  batch: Frame,
  { table, path, columns, partitionBy }: Target,
  signal: AbortSignal | undefined,
): Promise<readonly FileRecord[]> {
  if (batch.length === 0) return [];
  const { key, sql } = files.engine.frames.lend(batch);
  try {
    const bytes = await files.write(`SELECT * FROM ${sql}`, files.pathOf(table, path), batch.length, signal);
    return [{ path, rows: batch.length, bytes, ...spanOf(batch, partitionBy), columns }];
  } finally {
    files.engine.frames.takeBack(key);
  }
}

/** Least and greatest time of a batch. */
function spanOf(batch: Frame, partitionBy: string): { readonly from: number; readonly to: number } {
  const words = batch.column(partitionBy).values as Int32Array;
  let from = Infinity;
  let to = -Infinity;
  for (let row = 0; row < batch.length; row += 1) {
    const at = readTimestamp(words, row);
    if (at < from) from = at;
    if (at > to) to = at;
  }
  return { from, to };
}

/** Such as `0.100-199_1.50-99.`: partition, first and last offset. */
function rangesAsName(ranges: readonly OffsetRange[]): string {
  const text = ranges.map(({ partition, first, last }) => `${partition}.${first}-${last}`).join('_');
  return text === ''
    ? ''
    : `${text.length <= MOST_RANGE_CHARACTERS ? text : `${text.slice(0, MOST_RANGE_CHARACTERS)}_more`}.`;
}
