import duckdb from '@duckdb/node-bindings';
import type { InternTable } from '@milonga/core';
import { MOST_INLINE_BYTES } from './inline-string.ts';

const FIRST_SLOTS = 1_024;
/** Words of a slot: the four of the string, its code, and the chunk in which it holds. */
const SLOT = 6;
/** In place of a chunk: the string lies inside the words, so that they always mean it. */
const ALWAYS = -1;

/**
 * Codes of DuckDB's strings in an {@link InternTable}, found by their 16 bytes: a string that came before is not decoded
 * again. The bytes of a long string hold a pointer, which means the same only within one chunk.
 */
export class StringCodes {
  readonly #table: InternTable;
  #slots = new Int32Array(FIRST_SLOTS * SLOT);
  #used = 0;
  #chunk = 0;

  constructor(table: InternTable) {
    this.#table = table;
  }

  get table(): InternTable {
    return this.#table;
  }

  /** Call before the strings of another chunk. */
  beginChunk(): void {
    this.#chunk += 1;
  }

  /** The code of the string whose four words are at `at` in `words`, a view of `bytes`. */
  codeAt(words: Int32Array, bytes: Buffer, at: number): number {
    const length = words[at]!;
    const chunk = length <= MOST_INLINE_BYTES ? ALWAYS : this.#chunk;
    const slots = this.#slots;
    const mask = slots.length / SLOT - 1;
    let slot = hash(length, words[at + 1]!, words[at + 2]!, words[at + 3]!) & mask;
    for (; ; slot = (slot + 1) & mask) {
      const base = slot * SLOT;
      if (slots[base + 5] === 0) return this.#add(base, chunk, words, bytes, at);
      if (slots[base + 5] === chunk && isSame(slots, base, words, at)) return slots[base + 4]!;
    }
  }

  #add(base: number, chunk: number, words: Int32Array, bytes: Buffer, at: number): number {
    const code = this.#table.codeOf(decode(words[at]!, bytes, at * 4));
    for (let word = 0; word < 4; word += 1) this.#slots[base + word] = words[at + word]!;
    this.#slots[base + 4] = code;
    this.#slots[base + 5] = chunk;
    this.#used += 1;
    if (this.#used * SLOT * 2 > this.#slots.length) this.#rehash();
    return code;
  }

  /** Leaves out what held in earlier chunks, and makes room when that does not help. */
  #rehash(): void {
    const old = this.#slots;
    let kept = 0;
    for (let base = 5; base < old.length; base += SLOT)
      if (old[base] === ALWAYS || old[base] === this.#chunk) kept += 1;
    let size = FIRST_SLOTS;
    while (size < kept * 4) size *= 2;
    const slots = new Int32Array(size * SLOT);
    for (let from = 0; from < old.length; from += SLOT) {
      const chunk = old[from + 5]!;
      if (chunk !== ALWAYS && chunk !== this.#chunk) continue;
      let slot = hash(old[from]!, old[from + 1]!, old[from + 2]!, old[from + 3]!) & (size - 1);
      while (slots[slot * SLOT + 5] !== 0) slot = (slot + 1) & (size - 1);
      slots.set(old.subarray(from, from + SLOT), slot * SLOT);
    }
    this.#slots = slots;
    this.#used = kept;
  }
}

function hash(length: number, first: number, second: number, third: number): number {
  let mixed = Math.imul(length ^ Math.imul(first, 0x9e3779b1), 0x85ebca6b);
  mixed = Math.imul((mixed ^ (mixed >>> 15)) + second, 0xc2b2ae35);
  mixed = Math.imul((mixed ^ (mixed >>> 13)) + third, 0x27d4eb2f);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

const isSame = (slots: Int32Array, base: number, words: Int32Array, at: number): boolean =>
  slots[base + 2] === words[at + 2] &&
  slots[base + 3] === words[at + 3] &&
  slots[base + 1] === words[at + 1] &&
  slots[base] === words[at];

function decode(length: number, bytes: Buffer, start: number): string {
  if (length <= MOST_INLINE_BYTES) return bytes.toString('utf8', start + 4, start + 4 + length);
  const text = duckdb.get_data_from_pointer(bytes.buffer as ArrayBuffer, bytes.byteOffset + start + 8, length);
  return Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString('utf8');
}
