import type { Column } from '@milonga/core';
import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import type { Window } from '../view/window.ts';

/** A tile's partial aggregate. */
export interface TileState<State> {
  /** Its start is `index` times the hop. */
  readonly index: number;
  readonly state: State;
}

/**
 * How a value is kept online: as a function of time, so that a reader at any later moment finds the exact value without a
 * sketch, and nothing has to be rewritten when a tile leaves the window.
 */
export interface OnlineForm<State> {
  /** Writes a value over all time. */
  writeTotal(state: State, to: ByteWriter): void;
  /** Writes a windowed value: `tiles` by index, descending; none of them empty. */
  writeWindow(tiles: readonly TileState<State>[], to: ByteWriter): void;
  /** Reads values of many entities into a column. */
  column(options: ColumnOptions): OnlineColumn;
}

/** What a column is read for. */
export interface ColumnOptions {
  readonly rows: number;
  /** Unix ms. */
  readonly at: number;
  readonly window: Window | undefined;
}

/** A column that is being read, row by row. */
export interface OnlineColumn {
  /** Reads the next row's value and leaves the reader behind it. */
  read(from: ByteReader): void;
  /** The next row is that of an entity without events. */
  empty(): void;
  finish(): Column;
}
