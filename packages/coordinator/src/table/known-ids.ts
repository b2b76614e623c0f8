import { type Column, type Dictionary, type Frame, Interner, type InternTable } from '@milonga/core';

/** Ids of several frames in one dictionary. */
export interface Identified {
  /** By row: equal codes are equal ids. */
  readonly codes: Int32Array;
  readonly dictionary: Dictionary;
  /** By row: the first row with the same id. */
  readonly firstRows: Int32Array;
}

/** Strings that are remembered before everything begins anew. */
const MOST_STRINGS = 200_000;

/**
 * Tells candidates of several sources apart. Ids get one code each, for all requests; which code a string of a dictionary
 * has is remembered as long as the dictionary lives. A source that keeps its frames (a pool's shard, an editor's list)
 * then costs a look-up in an array per candidate, where a map of strings costs forty times that.
 */
export class KnownIds {
  /** For frames that are made of rows: their ids then need no translation. */
  readonly interner: Interner = new Interner({ limit: MOST_STRINGS });
  #table: InternTable | undefined;
  /** By code of the dictionary: 1 + the code of the id, or 0 where nobody has asked yet. */
  #translations: WeakMap<Dictionary, Int32Array> = new WeakMap();
  #rows: Int32Array = new Int32Array(0);
  #stamps: Int32Array = new Int32Array(0);
  #stamp = 0;

  /** The ids of frames put on top of each other. */
  identify(frames: readonly Frame[], length: number): Identified {
    const table = this.interner.table();
    if (table !== this.#table) this.#startWith(table);
    const codes = new Int32Array(length);
    let start = 0;
    for (const frame of frames) {
      const { values, dictionary } = frame.column('id') as Column;
      const own = values as Int32Array;
      if (dictionary === table.dictionary) codes.set(own, start);
      else this.#translate(own, dictionary!, table, codes, start);
      start += own.length;
    }
    return { codes, dictionary: table.dictionary, firstRows: this.#firstRows(codes, table.size) };
  }

  #translate(own: Int32Array, dictionary: Dictionary, table: InternTable, codes: Int32Array, start: number): void {
    const translation = this.#translationOf(dictionary);
    for (let at = 0; at < own.length; at += 1) {
      const code = own[at]!;
      let id = translation[code]! - 1;
      if (id < 0) {
        id = table.codeOf(dictionary.at(code));
        translation[code] = id + 1;
      }
      codes[start + at] = id;
    }
  }

  #firstRows(codes: Int32Array, ids: number): Int32Array {
    this.#makeRoom(ids);
    this.#stamp = this.#nextStamp();
    const rows = this.#rows;
    const stamps = this.#stamps;
    const stamp = this.#stamp;
    const firstRows = new Int32Array(codes.length);
    for (let row = 0; row < codes.length; row += 1) {
      const id = codes[row]!;
      if (stamps[id] !== stamp) {
        stamps[id] = stamp;
        rows[id] = row;
      }
      firstRows[row] = rows[id]!;
    }
    return firstRows;
  }

  /** A dictionary that is shared may have grown since it was last seen. */
  #translationOf(dictionary: Dictionary): Int32Array {
    const known = this.#translations.get(dictionary);
    if (known !== undefined && known.length >= dictionary.size) return known;
    const larger = new Int32Array(known === undefined ? dictionary.size : dictionary.size * 2);
    if (known !== undefined) larger.set(known);
    this.#translations.set(dictionary, larger);
    return larger;
  }

  #startWith(table: InternTable): void {
    this.#table = table;
    this.#translations = new WeakMap();
  }

  /** Raising the stamp forgets all marks; when it cannot be raised any more, they are wiped. */
  #nextStamp(): number {
    if (this.#stamp < 0x7fffffff) return this.#stamp + 1;
    this.#stamps.fill(0);
    return 1;
  }

  #makeRoom(ids: number): void {
    if (this.#stamps.length >= ids) return;
    const room = ids + (ids >>> 1) + 64;
    this.#rows = new Int32Array(room);
    this.#stamps = new Int32Array(room);
    this.#stamp = 0;
  }
}
