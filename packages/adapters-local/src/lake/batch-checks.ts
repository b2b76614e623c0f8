import { type Fields, type Frame, MilongaError, type OffsetRange, readTimestamp } from '@milonga/core';
import { OffsetCoverage } from './offset-coverage.ts';
import { MOST_AT } from './period.ts';

const refused = (message: string): MilongaError => new MilongaError('MILONGA_LAKE_APPEND_FAILED', message);

/** @throws MilongaError `MILONGA_LAKE_APPEND_FAILED`, not retryable, for what can never be appended. */
export function checkBatch(table: string, rows: Frame, fields: Fields, ranges: readonly OffsetRange[]): void {
  const unknown = rows.layout.names.filter((name) => !(name in fields));
  if (unknown.length > 0) {
    throw refused(
      `Table "${table}" has no column "${unknown.join('", "')}". Declare it with ensureTables, or leave it out.`,
    );
  }
  checkMoments(table, rows);
  checkRanges(table, ranges);
}

/** The engine reads moments beyond the range of dates as an error, and would do so in every query of the table. */
function checkMoments(table: string, rows: Frame): void {
  for (const [slot, { type, values, length, offsets }] of rows.columns.entries()) {
    if (type.kind !== 'timestamp' && type.element?.kind !== 'timestamp') continue;
    const last = offsets === undefined ? length : offsets[length]!;
    for (let at = offsets?.[0] ?? 0; at < last; at += 1) {
      const unixMs = readTimestamp(values as Int32Array, at);
      if (Math.abs(unixMs) <= MOST_AT) continue;
      if (offsets === undefined && rows.columns[slot]!.isNull(at)) continue;
      throw refused(
        `Column "${rows.layout.names[slot]}" of a batch of table "${table}" has the moment ${unixMs}, which is beyond the range of dates (±${MOST_AT} ms).`,
      );
    }
  }
}

function checkRanges(table: string, ranges: readonly OffsetRange[]): void {
  const own = new OffsetCoverage();
  for (const range of ranges) {
    const { partition, first, last } = range;
    if (![partition, first, last].every((value) => Number.isSafeInteger(value) && value >= 0) || last < first) {
      throw refused(
        `A batch of table "${table}" has the range ${shown(range)}; partition and offsets are integers from 0, and first is not above last.`,
      );
    }
    if (own.overlapWith([range]) !== undefined)
      throw refused(`A batch of table "${table}" names offsets of the range ${shown(range)} twice.`);
    own.add([range]);
  }
}

/** The error for a batch that is there already, in whole or in part. */
export function overlapError(table: string, range: OffsetRange, coverage: OffsetCoverage): MilongaError {
  const last = coverage.lasts().get(range.partition);
  return new MilongaError(
    'MILONGA_LAKE_APPEND_OVERLAPS',
    `Table "${table}" has offsets of the range ${shown(range)} already (its last one there is ${last}). Ask positions(), and append what comes after.`,
  );
}

const shown = ({ partition, first, last }: OffsetRange): string => `${first} to ${last} of partition ${partition}`;
