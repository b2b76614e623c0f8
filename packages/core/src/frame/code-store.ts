import type { Dictionary } from './dictionary.ts';
import type { StoredValues, ValueStore } from './value-store.ts';

/** Codes of strings, in the dictionary of an enumeration or of an interner, or in one of its own. */
export class CodeStore implements ValueStore {
  readonly #codeOf: (text: string) => number;
  readonly #dictionary: () => Dictionary;
  #codes: Int32Array = new Int32Array(0);
  constructor(codeOf: (text: string) => number, dictionary: () => Dictionary) {
    this.#codeOf = codeOf;
    this.#dictionary = dictionary;
  }
  reserve(capacity: number, kept: number): void {
    const larger = new Int32Array(capacity);
    larger.set(this.#codes.subarray(0, kept));
    this.#codes = larger;
  }
  write(row: number, value: unknown): boolean {
    if (typeof value !== 'string') return false;
    const code = this.#codeOf(value);
    if (code < 0) return false;
    this.#codes[row] = code;
    return true;
  }
  skip(): void {}
  take(length: number): StoredValues {
    return { values: this.#codes.subarray(0, length), dictionary: this.#dictionary() };
  }
}
