import { type Column, type Cursor, type Frame, MilongaError } from '@milonga/core';
import type { Candidates } from '../stage/candidates.ts';
import { addScaled, numbersOf } from './column-loops.ts';

const NONE: ReadonlySet<string> = new Set();

/** What a stage is handed: one frame, one selection, both for good. */
export class CandidateView implements Candidates<object> {
  readonly length: number;
  readonly #frame: Frame;
  readonly #selection: Int32Array;
  readonly #unavailable: ReadonlySet<string>;
  #ids: readonly string[] | undefined;

  constructor(frame: Frame, selection: Int32Array, unavailable: ReadonlySet<string> = NONE) {
    this.length = selection.length;
    this.#frame = frame;
    this.#selection = selection;
    this.#unavailable = unavailable;
  }

  ids(): readonly string[] {
    if (this.#ids === undefined) {
      const { values, dictionary } = this.#frame.column('id');
      const codes = values as Int32Array;
      this.#ids = Array.from(this.#selection, (row) => dictionary!.at(codes[row]!));
    }
    return this.#ids;
  }

  forEach(visit: (item: object, position: number) => void): void {
    const selection = this.#selection;
    const { layout, columns } = this.#frame;
    const cursor = layout.borrow(columns);
    const row = this.#guarded(cursor);
    try {
      for (let position = 0; position < selection.length; position += 1) {
        cursor.index = selection[position]!;
        visit(row, position);
      }
    } finally {
      layout.giveBack(cursor);
    }
  }

  // test and measure repeat forEach's loop, because a callback around the user's callback doubles the cost of a filter.
  test<Extra>(keep: (item: object, extra: Extra) => boolean, extra: Extra): Uint8Array {
    const selection = this.#selection;
    const { layout, columns } = this.#frame;
    const mask = new Uint8Array(selection.length);
    const cursor = layout.borrow(columns);
    const row = this.#guarded(cursor);
    try {
      for (let position = 0; position < selection.length; position += 1) {
        cursor.index = selection[position]!;
        if (keep(row, extra) === true) mask[position] = 1;
      }
    } finally {
      layout.giveBack(cursor);
    }
    return mask;
  }

  measure<Extra>(by: (item: object, extra: Extra) => number, extra: Extra): Float64Array {
    const selection = this.#selection;
    const { layout, columns } = this.#frame;
    const numbers = new Float64Array(selection.length);
    const cursor = layout.borrow(columns);
    const row = this.#guarded(cursor);
    try {
      for (let position = 0; position < selection.length; position += 1) {
        cursor.index = selection[position]!;
        numbers[position] = by(row, extra);
      }
    } finally {
      layout.giveBack(cursor);
    }
    return numbers;
  }

  numbers(column: string): Float64Array {
    return numbersOf(column, this.#column(column), this.#selection);
  }

  addScaled(column: string, weight: number, into: Float64Array): void {
    addScaled(column, this.#column(column), weight, this.#selection, into);
  }

  toFrame(columns: readonly string[] = this.#frame.layout.names): Frame {
    for (const name of columns) this.#column(name);
    const some = columns === this.#frame.layout.names ? this.#frame : this.#frame.select(columns);
    return isWhole(this.#selection, this.#frame.length) ? some : some.take(this.#selection);
  }

  #column(name: string): Column {
    if (this.#unavailable.has(name)) throw notAvailable(name);
    return this.#frame.column(name);
  }

  /** Columns that could not be had are refused, whoever asks: a filter then drops what it cannot judge. */
  #guarded(cursor: Cursor): object {
    const unavailable = this.#unavailable;
    if (unavailable.size === 0) return cursor.row;
    return new Proxy(cursor.row, {
      get: (row, name) => {
        if (typeof name === 'string' && unavailable.has(name)) throw notAvailable(name);
        return Reflect.get(row, name, row);
      },
    });
  }
}

/** True when the selection is every row in its place. */
export function isWhole(selection: Int32Array, length: number): boolean {
  if (selection.length !== length) return false;
  for (let at = 0; at < length; at += 1) if (selection[at] !== at) return false;
  return true;
}

const notAvailable = (name: string): MilongaError =>
  new MilongaError('MILONGA_FRAME_COLUMN_MISSING', `Column "${name}" could not be hydrated in this request.`);
