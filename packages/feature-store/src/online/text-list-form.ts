import { Column, Dictionary, type ListType, list, type StringType, string } from '@milonga/core';
import { mergeRecent, type RecentTexts } from '../aggregates/recent-texts.ts';
import { type ByteReader, readText } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { firstTileAt } from '../view/window.ts';
import type { ColumnOptions, OnlineColumn, OnlineForm, TileState } from './online-form.ts';

/** The type of a list of texts. */
export const textListType: ListType<StringType> = list(string());

/**
 * Texts, the newest first. A total is their number and the texts; a window is its length in bytes, then each text behind its
 * age: how much older it is than the one before. Older texts always leave first, so the reader takes texts while they
 * are inside.
 */
export const textListForm = (most: number): OnlineForm<RecentTexts> => ({
  writeTotal: (texts, to) => {
    to.varint(texts.length);
    for (const { text } of texts) to.text(text);
  },
  writeWindow: (tiles, to) => writeAges(tiles, most, to),
  column: (options) => new TextListColumn(options),
});

function writeAges(tiles: readonly TileState<RecentTexts>[], most: number, to: ByteWriter): void {
  let texts: RecentTexts = [];
  for (const { state } of tiles) {
    texts = mergeRecent(texts, state, most);
    if (texts.length === most) break; // every other tile is older
  }
  const start = to.length;
  let before = texts[0]?.at ?? 0;
  to.varint(before);
  for (const { text, at } of texts) {
    to.varint(before - at);
    to.text(text);
    before = at;
  }
  to.prefixLength(start);
}

/** Keeps the bytes of all texts together; a text becomes a string when somebody reads it. */
class TextListColumn implements OnlineColumn {
  readonly #start: number | undefined;
  readonly #rowOffsets: Int32Array;
  #row = 0;
  #ends: Int32Array = new Int32Array(64);
  #texts = 0;
  #bytes: Buffer = Buffer.allocUnsafeSlow(1_024);
  #length = 0;

  constructor({ rows, at, window }: ColumnOptions) {
    this.#rowOffsets = new Int32Array(rows + 1);
    this.#start = window === undefined ? undefined : firstTileAt(window, at) * window.hopMs;
  }

  read(from: ByteReader): void {
    if (this.#start === undefined) {
      for (let left = from.varint(); left > 0; left -= 1) this.#take(from);
    } else {
      const end = from.varint() + from.at;
      let at = from.varint();
      while (from.at < end) {
        at -= from.varint();
        if (at < this.#start) break;
        this.#take(from);
      }
      from.at = end;
    }
    this.empty();
  }

  #take(from: ByteReader): void {
    const size = from.varint();
    const start = from.at;
    from.skip(size);
    if (this.#length + size > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow((this.#length + size) * 2);
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    for (let at = 0; at < size; at += 1) this.#bytes[this.#length + at] = from.bytes[start + at]!;
    this.#length += size;
    if (this.#texts + 1 >= this.#ends.length) {
      const larger = new Int32Array(this.#ends.length * 2);
      larger.set(this.#ends);
      this.#ends = larger;
    }
    this.#texts += 1;
    this.#ends[this.#texts] = this.#length;
  }

  empty(): void {
    this.#row += 1;
    this.#rowOffsets[this.#row] = this.#texts;
  }

  finish(): Column {
    const [bytes, ends, texts] = [this.#bytes, this.#ends, this.#texts];
    const codes = new Int32Array(texts);
    for (let code = 0; code < texts; code += 1) codes[code] = code;
    const dictionary = new Dictionary(new Array<string | undefined>(texts), {
      isDistinct: false,
      decode: (code) => readText(bytes, ends[code]!, ends[code + 1]!),
      utf8: { offsets: ends.subarray(0, texts + 1), bytes: bytes.subarray(0, this.#length) },
    });
    return new Column(textListType, this.#rowOffsets.length - 1, codes, { offsets: this.#rowOffsets, dictionary });
  }
}
