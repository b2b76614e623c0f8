import { type Column, Frame, type Layout } from '@milonga/core';
import type { PlannedStage } from '../plan/planned-stage.ts';
import { CandidateTable, DUPLICATE, wordsFor } from './candidate-table.ts';
import type { KnownIds } from './known-ids.ts';

/** What one source returned. */
export interface SourceResult {
  /** Place of the source among `sources`. */
  readonly source: number;
  readonly frame: Frame;
}

/**
 * Stacks what the sources returned and keeps each id once, in the order of the sources. What the first row of an id does
 * not know (null) comes from its later rows.
 */
export function mergeById(
  layout: Layout,
  sources: readonly PlannedStage[],
  results: readonly SourceResult[],
  ids: KnownIds,
): CandidateTable {
  const filled = results.filter(({ frame }) => frame.length > 0);
  const frames = filled.map(({ frame }) => frame);
  const merged = Frame.concat(frames, layout.schema);
  const { length } = merged;
  const words = wordsFor(sources.length);
  const provenance = new Uint32Array(length * words);
  const droppedBy = new Uint16Array(length);
  const selection = new Int32Array(length);
  const firstOf = ids.firstRows(frames, length);
  let kept = 0;
  let row = 0;
  for (const { source, frame } of filled) {
    const word = source >>> 5;
    const bit = 1 << (source & 31);
    for (const end = row + frame.length; row < end; row += 1) {
      const first = firstOf[row]!;
      provenance[first * words + word]! |= bit;
      if (first !== row) droppedBy[row] = DUPLICATE;
      else selection[kept++] = row;
    }
  }
  const frame = kept === length ? merged : fillGaps(merged, firstOf);
  return new CandidateTable(frame, selection.slice(0, kept), sources, provenance, droppedBy);
}

/** Two sources know different things of one candidate: where the first row has null, a later one may have a value. */
function fillGaps(frame: Frame, firstOf: Int32Array): Frame {
  let columns: Column[] | undefined;
  for (let slot = 0; slot < frame.columns.length; slot += 1) {
    const column = frame.columns[slot]!;
    const from = column.validity === undefined ? undefined : rowsToTakeFrom(column, firstOf);
    if (from === undefined) continue;
    columns ??= [...frame.columns];
    columns[slot] = frame.select([frame.layout.names[slot]!]).take(from).columns[0]!;
  }
  return columns === undefined ? frame : new Frame(frame.layout, columns, frame.length);
}

/** Where each row's value is to come from; `undefined` when every row keeps its own. */
function rowsToTakeFrom(column: Column, firstOf: Int32Array): Int32Array | undefined {
  let from: Int32Array | undefined;
  for (let row = 0; row < firstOf.length; row += 1) {
    const first = firstOf[row]!;
    if (first === row || column.isNull(row) || !column.isNull(from?.[first] ?? first)) continue;
    from ??= Int32Array.from(firstOf.keys());
    from[first] = row;
  }
  return from;
}
