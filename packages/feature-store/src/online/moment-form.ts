import { Column, type NullableType, nullable, type TimestampType, timestamp, writeTimestamp } from '@milonga/core';
import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { firstTileAt } from '../view/window.ts';
import type { ColumnOptions, OnlineColumn, OnlineForm, TileState } from './online-form.ts';

/** A moment in Unix ms; NaN for none. */
export type Moment = number;

/** The type of a moment that may never have been. */
export const momentType: NullableType<TimestampType> = nullable(timestamp());

/** A moment plus one as a varint, 0 for none. */
export const writeMoment = (moment: Moment, to: ByteWriter): void => to.varint(Number.isNaN(moment) ? 0 : moment + 1);

/** Reads what {@link writeMoment} wrote. */
export function readMoment(from: ByteReader): Moment {
  const stored = from.varint();
  return stored === 0 ? Number.NaN : stored - 1;
}

/**
 * The first or the last moment. A total is the moment plus one as a varint, 0 for none; a window is its length in bytes,
 * then the moments that can be the answer at some time, in ascending order, each with its distance from the one before: the
 * reader takes the first that is inside. Of the last moment there is only one: it leaves the window last.
 */
export const momentForm = (which: 'first' | 'last'): OnlineForm<Moment> => ({
  writeTotal: writeMoment,
  writeWindow: (tiles, to) => writeMoments(which === 'last' ? tiles.slice(0, 1) : tiles, to),
  column: (options) => new MomentColumn(options),
});

function writeMoments(tiles: readonly TileState<Moment>[], to: ByteWriter): void {
  const start = to.length;
  let before = 0;
  for (let at = tiles.length - 1; at >= 0; at -= 1) {
    const moment = tiles[at]!.state;
    to.varint(moment - before);
    before = moment;
  }
  to.prefixLength(start);
}

class MomentColumn implements OnlineColumn {
  readonly #words: Int32Array;
  readonly #validity: Uint8Array;
  readonly #start: number | undefined;
  readonly #rows: number;
  #row = 0;

  constructor({ rows, at, window }: ColumnOptions) {
    this.#rows = rows;
    this.#words = new Int32Array(rows * 2);
    this.#validity = new Uint8Array((rows + 7) >>> 3);
    this.#start = window === undefined ? undefined : firstTileAt(window, at) * window.hopMs;
  }

  read(from: ByteReader): void {
    const moment = this.#start === undefined ? from.varint() - 1 : readFirstInside(from, this.#start);
    if (moment >= 0) {
      writeTimestamp(this.#words, this.#row, moment);
      this.#validity[this.#row >>> 3]! |= 1 << (this.#row & 7);
    }
    this.#row += 1;
  }

  empty(): void {
    this.#row += 1;
  }

  finish(): Column {
    return new Column(momentType, this.#rows, this.#words, { validity: this.#validity });
  }
}

function readFirstInside(from: ByteReader, start: number): number {
  const end = from.varint() + from.at;
  let moment = 0;
  while (from.at < end) {
    moment += from.varint();
    if (moment >= start) {
      from.at = end;
      return moment;
    }
  }
  return -1;
}
