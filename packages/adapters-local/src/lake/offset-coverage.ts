import type { OffsetRange } from '@milonga/core';

type Interval = [first: number, last: number];

/** Offsets that are in a table, per partition, as intervals: one each where batches came without gaps. */
export class OffsetCoverage {
  readonly #byPartition = new Map<number, Interval[]>();

  /** The first of `ranges` that overlaps with what is there; `undefined` when none does. */
  overlapWith(ranges: readonly OffsetRange[]): OffsetRange | undefined {
    return ranges.find(({ partition, first, last }) => {
      const intervals = this.#byPartition.get(partition) ?? [];
      const at = firstEndingFrom(intervals, first);
      return at < intervals.length && intervals[at]![0] <= last;
    });
  }

  /** Adds ranges that do not overlap. */
  add(ranges: readonly OffsetRange[]): void {
    for (const { partition, first, last } of ranges) {
      const intervals = this.#byPartition.get(partition) ?? [];
      this.#byPartition.set(partition, intervals);
      const at = firstEndingFrom(intervals, first);
      intervals.splice(at, 0, [first, last]);
      if (intervals[at + 1]?.[0] === last + 1) intervals.splice(at, 2, [first, intervals[at + 1]![1]]);
      const before = intervals[at - 1];
      if (before?.[1] === first - 1) intervals.splice(at - 1, 2, [before[0], intervals[at]![1]]);
    }
  }

  /** The last offset of each partition. */
  lasts(): Map<number, number> {
    return new Map([...this.#byPartition].map(([partition, intervals]) => [partition, intervals.at(-1)![1]]));
  }

  toRanges(): OffsetRange[] {
    return [...this.#byPartition].flatMap(([partition, intervals]) =>
      intervals.map(([first, last]) => ({ partition, first, last })),
    );
  }
}

/** Index of the first interval that ends at `offset` or later. Batches come in order mostly, so the search begins at the end. */
function firstEndingFrom(intervals: readonly Interval[], offset: number): number {
  let at = intervals.length;
  while (at > 0 && intervals[at - 1]![1] >= offset) at -= 1;
  return at;
}
