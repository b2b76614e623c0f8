import { Column, Frame, type Layout } from '@milonga/core';
import type { PlannedStage } from '../plan/planned-stage.ts';
import { CandidateTable, DUPLICATE, wordsFor } from './candidate-table.ts';
import type { Identified, KnownIds } from './known-ids.ts';

/** What one source returned. */
export interface SourceResult {
  /** Place of the source among `sources`. */
  readonly source: number;
  readonly frame: Frame;
}

/** Puts what the sources of one call return into one table. Made when a pipeline is defined. */
export class SourceMerger {
  readonly #layout: Layout;
  readonly #sources: readonly PlannedStage[];
  readonly #idSlot: number;
  /** All columns but the id, which is put together by itself. */
  readonly #rest: Layout;

  constructor(layout: Layout, sources: readonly PlannedStage[]) {
    this.#layout = layout;
    this.#sources = sources;
    this.#idSlot = layout.slotOf('id');
    this.#rest = layout.select(layout.names.filter((name) => name !== 'id')) as unknown as Layout;
  }

  /**
   * Stacks what the sources returned and keeps each id once, in the order of the sources. What the first row of an id does
   * not know (null) comes from its later rows.
   */
  merge(results: readonly SourceResult[], ids: KnownIds): CandidateTable {
    const filled = results.filter(({ frame }) => frame.length > 0);
    const length = filled.reduce((rows, { frame }) => rows + frame.length, 0);
    const frames = filled.map(({ frame }) => frame);
    const identified = ids.identify(frames, length);
    const { firstRows } = identified;
    const words = wordsFor(this.#sources.length);
    const provenance = new Uint32Array(length * words);
    const droppedBy = new Uint16Array(length);
    const selection = new Int32Array(length);
    let kept = 0;
    let row = 0;
    for (const { source, frame } of filled) {
      const word = source >>> 5;
      const bit = 1 << (source & 31);
      for (const end = row + frame.length; row < end; row += 1) {
        const first = firstRows[row]!;
        provenance[first * words + word]! |= bit;
        if (first !== row) droppedBy[row] = DUPLICATE;
        else selection[kept++] = row;
      }
    }
    const stacked = this.#stack(frames, identified);
    const frame = kept === length ? stacked : fillGaps(stacked, firstRows);
    return new CandidateTable(frame, selection.slice(0, kept), this.#sources, provenance, droppedBy);
  }

  /** The ids have their codes already; every other column is copied. */
  #stack(frames: readonly Frame[], { codes, dictionary }: Identified): Frame {
    const [only] = frames;
    if (frames.length === 1 && only!.layout === this.#layout) return only!;
    const { length } = codes;
    const rest = Frame.concat(frames, this.#rest.schema).columns;
    const id = new Column(this.#layout.types[this.#idSlot]!, length, codes, { dictionary });
    return new Frame(this.#layout, rest.toSpliced(this.#idSlot, 0, id), length);
  }
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
