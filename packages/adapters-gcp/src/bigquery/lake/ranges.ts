import { MilongaError, type OffsetRange } from '@milonga/core';

type Interval = readonly [first: number, last: number];

/** Offsets that are in a table, per partition, as intervals: one each where batches came without gaps. */
export class Ranges {
  readonly #byPartition: ReadonlyMap<number, readonly Interval[]>;

  private constructor(byPartition: ReadonlyMap<number, readonly Interval[]>) {
    this.#byPartition = byPartition;
  }

  static readonly none: Ranges = new Ranges(new Map());

  /** From what {@link toText} wrote. */
  static from(text: string): Ranges {
    const entries = Object.entries(JSON.parse(text) as Record<string, readonly Interval[]>);
    return new Ranges(new Map(entries.map(([partition, intervals]) => [Number(partition), intervals])));
  }

  /** Digits and punctuation of JSON, none of which means anything to SQL within quotes. */
  toText(): string {
    return JSON.stringify(Object.fromEntries(this.#byPartition));
  }

  /** The first of `ranges` that overlaps with what is there; `undefined` when none does. */
  overlapWith(ranges: readonly OffsetRange[]): OffsetRange | undefined {
    return ranges.find(({ partition, first, last }) =>
      (this.#byPartition.get(partition) ?? []).some(([from, to]) => from <= last && to >= first),
    );
  }

  /** These and ranges that do not overlap with them. */
  with(ranges: readonly OffsetRange[]): Ranges {
    const result = new Map(this.#byPartition);
    for (const { partition, first, last } of ranges) {
      const all = [...(result.get(partition) ?? []), [first, last] as const].sort(([left], [right]) => left - right);
      result.set(partition, all.reduce(joined, []));
    }
    return new Ranges(result);
  }

  /** The last offset of each partition. */
  lasts(): Map<number, number> {
    return new Map([...this.#byPartition].map(([partition, intervals]) => [partition, intervals.at(-1)![1]]));
  }
}

function joined(intervals: Interval[], next: Interval): Interval[] {
  const before = intervals.at(-1);
  if (before?.[1] === next[0] - 1) intervals[intervals.length - 1] = [before[0], next[1]];
  else intervals.push(next);
  return intervals;
}

const shown = ({ partition, first, last }: OffsetRange): string => `${first} to ${last} of partition ${partition}`;

/** @throws MilongaError `MILONGA_LAKE_APPEND_FAILED`, not retryable, for ranges that say nothing sound. */
export function checkRanges(table: string, ranges: readonly OffsetRange[]): void {
  let own = Ranges.none;
  for (const range of ranges) {
    const { partition, first, last } = range;
    if (![partition, first, last].every((value) => Number.isSafeInteger(value) && value >= 0) || last < first) {
      throw new MilongaError(
        'MILONGA_LAKE_APPEND_FAILED',
        `A batch of table "${table}" has the range ${shown(range)}; partition and offsets are integers from 0, and first is not above last.`,
      );
    }
    if (own.overlapWith([range]) !== undefined) {
      const message = `A batch of table "${table}" names offsets of the range ${shown(range)} twice.`;
      throw new MilongaError('MILONGA_LAKE_APPEND_FAILED', message);
    }
    own = own.with([range]);
  }
}

/** The error for a batch that is there already, in whole or in part. */
export function overlapError(table: string, range: OffsetRange, known: Ranges): MilongaError {
  const last = known.lasts().get(range.partition);
  return new MilongaError(
    'MILONGA_LAKE_APPEND_OVERLAPS',
    `Table "${table}" has offsets of the range ${shown(range)} already (its last one there is ${last}). Ask positions(), and append what comes after.`,
  );
}
