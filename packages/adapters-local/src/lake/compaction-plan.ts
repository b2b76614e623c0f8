import type { FileRecord } from './log-entry.ts';
import { type Period, type PeriodUnit, periodAt } from './period.ts';

/** What the plan decides by. */
export interface PlanLimits {
  /** Rows before it are of closed hours: nothing is likely to come there any more. Start of an hour, Unix ms. */
  readonly boundary: number;
  /** The longest period with at most so many rows becomes a partition, and no merged file has more. */
  readonly rowsPerFile: number;
}

/** One thing to do: files to replace. */
export interface CompactionJob {
  /** `split`: put the rows of fresh files into partitions. `merge`: make one file of several. */
  readonly kind: 'split' | 'merge';
  readonly inputs: readonly FileRecord[];
}

/** Rows of one hour among the inputs of a split. */
export interface HourRows {
  readonly rows: number;
  /** Least and greatest time, Unix ms. */
  readonly from: number;
  readonly to: number;
}

/** A file that a split makes. */
export interface SplitOutput extends HourRows {
  /** None: rows of hours that are still open, which stay fresh. */
  readonly period: Period | undefined;
}

/** A file is rewritten only together with at least so large a part of itself: each row is then written few times. */
const WORTHWHILE_SHARE = 0.25;
/** Files of hours that are still open are merged only when they are so many; they will be split soon anyway. */
const MANY_FRESH_FILES = 8;
/** A split takes so many times the rows of a file at once; its sort then stays within memory. */
const SPLIT_FACTOR = 4;

/** The next thing that is worth doing; `undefined` when the table is in order. */
export function nextJob(files: Iterable<FileRecord>, limits: PlanLimits): CompactionJob | undefined {
  const all = [...files];
  const fresh = all.filter(({ period }) => period === undefined).sort((left, right) => left.from - right.from);
  const closed = fresh.filter(({ from }) => from < limits.boundary);
  if (closed.length > 0) return { kind: 'split', inputs: upTo(closed, limits.rowsPerFile * SPLIT_FACTOR, 1) };
  const groups = [
    fresh,
    ...Map.groupBy(
      all.filter(({ period }) => period !== undefined),
      partitionOf,
    ).values(),
  ];
  for (const group of groups) {
    const inputs = mergeable(group, limits.rowsPerFile, group === fresh ? MANY_FRESH_FILES : 2);
    if (inputs !== undefined) return { kind: 'merge', inputs };
  }
  return undefined;
}

const partitionOf = ({ period }: FileRecord): string => `${period?.unit} ${period?.start}`;

/** The first files that have at most `most` rows together, but at least `atLeast` of them. */
function upTo(files: readonly FileRecord[], most: number, atLeast: number): readonly FileRecord[] {
  let rows = 0;
  const end = files.findIndex((file, at) => {
    rows += file.rows;
    return rows > most && at >= atLeast;
  });
  return end < 0 ? files : files.slice(0, end);
}

/** The smallest files of a partition, as many as are worth merging. */
function mergeable(
  group: readonly FileRecord[],
  rowsPerFile: number,
  atLeast: number,
): readonly FileRecord[] | undefined {
  const ascending = group.toSorted((left, right) => left.rows - right.rows);
  for (let inputs = upTo(ascending, rowsPerFile, 0); inputs.length >= atLeast; inputs = inputs.slice(0, -1)) {
    const largest = inputs.at(-1)!.rows;
    const others = inputs.reduce((sum, { rows }) => sum + rows, -largest);
    if (others >= largest * WORTHWHILE_SHARE) return inputs;
  }
  return undefined;
}

/**
 * The files that a split makes of rows by hour: for each closed hour the longest period around it that has at most
 * `rowsPerFile` rows, those counted that are in its partition already; one file for what is still open.
 */
export function splitOutputs(
  hours: readonly HourRows[],
  files: Iterable<FileRecord>,
  limits: PlanLimits,
): readonly SplitOutput[] {
  const partitioned = [...files].filter(({ period }) => period !== undefined);
  const outputs = new Map<string, SplitOutput>();
  const closed = hours.filter(({ from }) => from < limits.boundary);
  const rowsIn = rowCounter(partitioned, closed);
  for (const hour of hours) {
    const period = hour.from < limits.boundary ? longestPeriod(hour.from, limits.rowsPerFile, rowsIn) : undefined;
    const key = period === undefined ? 'fresh' : `${period.unit} ${period.start}`;
    const before = outputs.get(key);
    outputs.set(key, {
      period,
      rows: hour.rows + (before?.rows ?? 0),
      from: Math.min(hour.from, before?.from ?? Infinity),
      to: Math.max(hour.to, before?.to ?? -Infinity),
    });
  }
  return [...outputs.values()];
}

function longestPeriod(at: number, rowsPerFile: number, rowsIn: (period: Period) => number): Period {
  for (const unit of ['month', 'day'] satisfies readonly PeriodUnit[]) {
    const period = periodAt(unit, at);
    if (rowsIn(period) <= rowsPerFile) return period;
  }
  return periodAt('hour', at);
}

/** Rows that lie in a period, in files or among those that are split now; each period is counted once. */
function rowCounter(partitioned: readonly FileRecord[], hours: readonly HourRows[]): (period: Period) => number {
  const known = new Map<string, number>();
  return (period) => {
    const key = `${period.unit} ${period.start}`;
    let rows = known.get(key);
    if (rows === undefined) {
      const isInside = ({ from }: { readonly from: number }): boolean => from >= period.start && from < period.end;
      rows = [...partitioned.filter(isInside), ...hours.filter(isInside)].reduce((sum, part) => sum + part.rows, 0);
      known.set(key, rows);
    }
    return rows;
  };
}
