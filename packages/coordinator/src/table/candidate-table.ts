import type { Frame } from '@milonga/core';
import type { PlannedStage } from '../plan/planned-stage.ts';

/** In `droppedBy`: the row repeats an earlier one. */
export const DUPLICATE = 0xffff;

/**
 * The candidates of one path through a pipeline, as the runner holds them. Frames and selections are replaced, never
 * changed: a stage that was left behind keeps what it was given.
 */
export class CandidateTable {
  frame: Frame;
  /** Rows of the frame that are still in, in order. */
  selection: Int32Array;
  /** Sources by the bit that stands for them. */
  readonly sources: readonly PlannedStage[];
  /** Which sources named a row: bit `s & 31` of word `row * words + (s >> 5)`. */
  readonly provenance: Uint32Array;
  /** By row. 0: still in, or left out by the selection; {@link DUPLICATE}; else 1 + the number of the stage that dropped it. */
  readonly droppedBy: Uint16Array;
  /** Columns that could not be had on this path: nobody may read them. */
  unavailable: ReadonlySet<string> = new Set();
  /** Score columns that came with the candidates, out of the result cache. */
  scores: ReadonlyMap<string, Float64Array> | undefined;

  /** How many candidates the sources named, each once. */
  readonly distinct: number;

  constructor(
    frame: Frame,
    selection: Int32Array,
    sources: readonly PlannedStage[],
    provenance: Uint32Array,
    droppedBy: Uint16Array,
  ) {
    this.frame = frame;
    this.selection = selection;
    this.distinct = selection.length;
    this.sources = sources;
    this.provenance = provenance;
    this.droppedBy = droppedBy;
  }

  /** Words of provenance per row. */
  get words(): number {
    return wordsFor(this.sources.length);
  }

  isNamedBy(row: number, source: number): boolean {
    return ((this.provenance[row * this.words + (source >>> 5)]! >>> (source & 31)) & 1) === 1;
  }

  drop(row: number, stage: PlannedStage): void {
    this.droppedBy[row] = stage.number + 1;
  }

  /** Keeps the rows that nobody has dropped. */
  compact(): void {
    const { selection, droppedBy } = this;
    this.selection = selection.filter((row) => droppedBy[row] === 0);
  }
}

/** Words of provenance per row for this many sources. */
export const wordsFor = (sources: number): number => (sources + 31) >>> 5;
