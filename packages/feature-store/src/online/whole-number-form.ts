import { Column, float64 } from '@milonga/core';
import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { firstTileAt } from '../view/window.ts';
import type { ColumnOptions, OnlineColumn, OnlineForm, TileState } from './online-form.ts';

/** What the form needs to know of an aggregate. */
export interface WholeNumberOptions<State> {
  readonly identity: () => State;
  readonly merge: (state: State, other: State) => State;
  /** The value as a whole number of units. */
  readonly units: (state: State) => number;
  /** Units in 1. */
  readonly scale?: number;
}

const TYPE = float64();

/**
 * Numbers that are whole when counted in small units: counts, estimates, sums of decimals.
 *
 * A total is one signed varint. A window is its length in bytes, then for each tile in ascending order how far its index
 * is from the one before, and the value of the window that begins with it: the reader takes the first that is inside.
 */
export const wholeNumberForm = <State>(options: WholeNumberOptions<State>): OnlineForm<State> => ({
  writeTotal: (state, to) => to.signedVarint(options.units(state)),
  writeWindow: (tiles, to) => writeSuffixes(tiles, options, to),
  column: (column) => new WholeNumberColumn(column, options.scale ?? 1),
});

const suffixes: number[] = [];

function writeSuffixes<State>(
  tiles: readonly TileState<State>[],
  options: WholeNumberOptions<State>,
  to: ByteWriter,
): void {
  let sum = options.identity();
  for (let at = 0; at < tiles.length; at += 1) {
    sum = options.merge(sum, tiles[at]!.state);
    suffixes[at] = options.units(sum);
  }
  const start = to.length;
  let before = 0;
  for (let at = tiles.length - 1; at >= 0; at -= 1) {
    to.varint(tiles[at]!.index - before);
    to.signedVarint(suffixes[at]!);
    before = tiles[at]!.index;
  }
  to.prefixLength(start);
}

class WholeNumberColumn implements OnlineColumn {
  readonly #values: Float64Array;
  readonly #scale: number;
  readonly #firstTile: number | undefined;
  #row = 0;

  constructor({ rows, at, window }: ColumnOptions, scale: number) {
    this.#values = new Float64Array(rows);
    this.#scale = scale;
    this.#firstTile = window === undefined ? undefined : firstTileAt(window, at);
  }

  read(from: ByteReader): void {
    const units = this.#firstTile === undefined ? from.signedVarint() : readSuffix(from, this.#firstTile);
    this.#values[this.#row++] = this.#scale === 1 ? units : units / this.#scale;
  }

  empty(): void {
    this.#row += 1;
  }

  finish(): Column {
    return new Column(TYPE, this.#values.length, this.#values);
  }
}

function readSuffix(from: ByteReader, firstTile: number): number {
  const end = from.varint() + from.at;
  let tile = 0;
  let units = 0;
  while (from.at < end) {
    tile += from.varint();
    units = from.signedVarint();
    if (tile >= firstTile) {
      from.at = end;
      return units;
    }
  }
  return 0;
}
