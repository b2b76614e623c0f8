import { type Column, type Dictionary, type Frame, Interner, type InternTable } from '@milonga/core';

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

  /** For each row of the frames, put on top of each other, the first row with the same id. */
  firstRows(frames: readonly Frame[], length: number): Int32Array {
    const table = this.interner.table();
    if (table !== this.#table) this.#startWith(table);
    this.#stamp = this.#nextStamp();
    const firstOf = new Int32Array(length);
    let start = 0;
    for (const frame of frames) {
      const { values, dictionary } = frame.column('id') as Column;
      const codes = values as Int32Array;
      if (dictionary === table.dictionary) {
        this.#makeRoom(table.size);
        this.#markCodes(codes, firstOf, start);
      } else this.#mark(codes, dictionary!, table, firstOf, start);
      start += codes.length;
    }
    return firstOf;
  }

  #markCodes(codes: Int32Array, firstOf: Int32Array, start: number): void {
    const rows = this.#rows;
    const stamps = this.#stamps;
    const stamp = this.#stamp;
    for (let at = 0; at < codes.length; at += 1) {
      const id = codes[at]!;
      if (stamps[id] !== stamp) {
        stamps[id] = stamp;
        rows[id] = start + at;
      }
      firstOf[start + at] = rows[id]!;
    }
  }

  #mark(codes: Int32Array, dictionary: Dictionary, table: InternTable, firstOf: Int32Array, start: number): void {
    const translation = this.#translationOf(dictionary);
    this.#makeRoom(table.size + codes.length); // each of them may be new
    const rows = this.#rows;
    const stamps = this.#stamps;
    const stamp = this.#stamp;
    for (let at = 0; at < codes.length; at += 1) {
      const code = codes[at]!;
      let id = translation[code]! - 1;
      if (id < 0) {
        id = table.codeOf(dictionary.at(code));
        translation[code] = id + 1;
      }
      if (stamps[id] !== stamp) {
        stamps[id] = stamp;
        rows[id] = start + at;
      }
      firstOf[start + at] = rows[id]!;
    }
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

  /** Keeps the marks of the frames before. */
  #makeRoom(ids: number): void {
    if (this.#stamps.length >= ids) return;
    const room = ids + (ids >>> 1) + 64;
    const rows = new Int32Array(room);
    const stamps = new Int32Array(room);
    rows.set(this.#rows);
    stamps.set(this.#stamps);
    this.#rows = rows;
    this.#stamps = stamps;
  }
}
