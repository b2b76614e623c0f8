import { type Column, type Frame, MilongaError } from '@milonga/core';
import type { ItemIndex } from './item-index.ts';

/** Where a user's items are in a frame, and how many of them count. */
export interface HistoryOptions {
  /** Column with the ids, the latest first: a list of strings. */
  readonly history: string;
  /** Column with a weight for each: a list of float64; `undefined`: 1 each. */
  readonly weights: string | undefined;
  readonly limit: number;
  /** Places after which an item weighs half; `undefined`: no decay. */
  readonly halfLife: number | undefined;
}

/**
 * Reads the histories of the rows of a frame as item numbers and weights.
 *
 * Unknown items and repeats are left out (the latest of an item counts), weights that are not finite or not above 0 too.
 * The rows of one request usually share one history: a row whose history equals the one before is recognised by its codes.
 */
export class HistoryReader {
  /** Of the present row, from 0 to `count - 1`. */
  readonly items: Int32Array;
  readonly weights: Float64Array;
  count = 0;
  readonly #options: HistoryOptions;
  readonly #index: ItemIndex;
  readonly #seen: Int32Array;
  #stamp = 0;
  #ids: Column | undefined;
  #weightColumn: Column | undefined;
  #start = 0;
  #end = 0;

  constructor(index: ItemIndex, options: HistoryOptions) {
    this.#index = index;
    this.#options = options;
    this.items = new Int32Array(options.limit);
    this.weights = new Float64Array(options.limit);
    this.#seen = new Int32Array(index.ids.length);
  }

  /** @throws MilongaError `MILONGA_MODEL_INCOMPATIBLE` when the columns are not lists of strings and numbers. */
  open(frame: Frame): void {
    const { history, weights } = this.#options;
    const ids = frame.column(history) as Column;
    if (ids.offsets === undefined || ids.dictionary === undefined)
      throw incompatible(history, 'a list of strings', ids);
    this.#weightColumn = weights === undefined ? undefined : (frame.column(weights) as Column);
    if (this.#weightColumn !== undefined && !isListOfNumbers(this.#weightColumn))
      throw incompatible(weights as string, 'a list of float64', this.#weightColumn);
    this.#ids = ids;
    this.#start = -1;
  }

  /** Goes to a row. @returns false when its history is that of the row before. */
  read(row: number): boolean {
    const ids = this.#ids as Column;
    const offsets = ids.offsets as Int32Array;
    const start = offsets[row]!;
    const end = ids.isNull(row) ? start : Math.min(offsets[row + 1]!, start + this.#options.limit);
    if (this.#start >= 0 && this.#isSame(row, start, end)) return false;
    this.#start = start;
    this.#end = end;
    this.#take(row, start, end);
    return true;
  }

  #isSame(row: number, start: number, end: number): boolean {
    if (row === 0 || end - start !== this.#end - this.#start) return false;
    const { values } = this.#ids as Column;
    for (let at = 0; at < end - start; at += 1) if (values[start + at] !== values[this.#start + at]) return false;
    const weights = this.#weightColumn;
    if (weights === undefined) return true;
    const offsets = weights.offsets as Int32Array;
    const own = offsets[row]!;
    const before = offsets[row - 1]!;
    if (offsets[row + 1]! - own !== own - before || weights.isNull(row) !== weights.isNull(row - 1)) return false;
    for (let at = 0; at < own - before; at += 1)
      if (weights.values[own + at] !== weights.values[before + at]) return false;
    return true;
  }

  #take(row: number, start: number, end: number): void {
    const { values, dictionary } = this.#ids as Column;
    this.#stamp += 1;
    let count = 0;
    for (let at = start; at < end; at += 1) {
      const item = this.#index.numberOf(dictionary!.at(values[at]!));
      if (item === undefined || this.#seen[item] === this.#stamp) continue;
      const weight = this.#weightOf(row, at - start);
      if (!(weight > 0 && weight < Number.POSITIVE_INFINITY)) continue;
      this.#seen[item] = this.#stamp;
      this.items[count] = item;
      this.weights[count] = weight;
      count += 1;
    }
    this.count = count;
  }

  #weightOf(row: number, place: number): number {
    const { halfLife } = this.#options;
    const decay = halfLife === undefined ? 1 : 0.5 ** (place / halfLife);
    const column = this.#weightColumn;
    if (column === undefined || column.isNull(row)) return decay;
    const offsets = column.offsets as Int32Array;
    const at = offsets[row]! + place;
    return at < offsets[row + 1]! ? decay * column.values[at]! : decay;
  }

  /** True when the present history holds an item. */
  holds(item: number): boolean {
    return this.#seen[item] === this.#stamp;
  }
}

const isListOfNumbers = (column: Column): boolean =>
  column.offsets !== undefined && column.dictionary === undefined && column.type.element?.kind !== 'timestamp';

const incompatible = (name: string, wanted: string, found: Column): MilongaError =>
  new MilongaError(
    'MILONGA_MODEL_INCOMPATIBLE',
    `Column "${name}" must be ${wanted}; the frame has it as ${found.type.kind}.`,
  );
