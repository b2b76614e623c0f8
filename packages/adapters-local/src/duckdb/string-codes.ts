import { InternTable } from '@milonga/core';

const FIRST_SLOTS = 1_024;
/** Words of a slot: the four of the string, and its code plus one. */
const SLOT = 5;

/**
 * Codes of DuckDB's short strings in an {@link InternTable}, found by their 16 bytes: a string that came before is not
 * decoded again.
 */
export class StringCodes {
  readonly table: InternTable = new InternTable();
  #slots = new Uint32Array(FIRST_SLOTS * SLOT);
  #used = 0;

  /** The code of the string whose four words are at `at` in `words`, the same memory as `bytes`. */
  codeAt(words: Uint32Array, bytes: Buffer, at: number): number {
    const slots = this.#slots;
    const mask = slots.length / SLOT - 1;
    let base = (hash(words, at) & mask) * SLOT;
    while (slots[base + 4] !== 0) {
      if (isSame(slots, base, words, at)) return slots[base + 4]! - 1;
      base = (base + SLOT) % slots.length;
    }
    const code = this.table.codeOf(bytes.toString('utf8', 4 * at + 4, 4 * at + 4 + words[at]!));
    for (let word = 0; word < 4; word += 1) slots[base + word] = words[at + word]!;
    slots[base + 4] = code + 1;
    this.#used += 1;
    if (this.#used * SLOT * 2 > slots.length) this.#grow();
    return code;
  }

  #grow(): void {
    const old = this.#slots;
    const slots = new Uint32Array(old.length * 2);
    const mask = slots.length / SLOT - 1;
    for (let from = 0; from < old.length; from += SLOT) {
      if (old[from + 4] === 0) continue;
      let base = (hash(old, from) & mask) * SLOT;
      while (slots[base + 4] !== 0) base = (base + SLOT) % slots.length;
      for (let word = 0; word < SLOT; word += 1) slots[base + word] = old[from + word]!;
    }
    this.#slots = slots;
  }
}

function hash(words: Uint32Array, at: number): number {
  let mixed = Math.imul(words[at]! ^ Math.imul(words[at + 1]!, 0x9e3779b1), 0x85ebca6b);
  mixed = Math.imul((mixed ^ (mixed >>> 15)) + words[at + 2]!, 0xc2b2ae35);
  mixed = Math.imul((mixed ^ (mixed >>> 13)) + words[at + 3]!, 0x27d4eb2f);
  return mixed ^ (mixed >>> 16);
}

const isSame = (slots: Uint32Array, base: number, words: Uint32Array, at: number): boolean =>
  slots[base + 1] === words[at + 1] &&
  slots[base + 2] === words[at + 2] &&
  slots[base + 3] === words[at + 3] &&
  slots[base] === words[at];
