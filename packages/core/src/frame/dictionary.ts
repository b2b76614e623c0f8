/** What a {@link Dictionary} may know beside its strings. */
export interface DictionaryOptions {
  /** True when no string occurs twice: equal codes then mean equal strings, and different codes different ones. */
  readonly isDistinct: boolean;
  /** Gives the string of a code that is `undefined` so far; called once a code. */
  readonly decode?: (code: number) => string;
  /** The strings as Arrow keeps them, all of them, where they came that way. */
  readonly utf8?: Utf8Strings;
}

/** Strings one after the other: string `code` is the bytes from `offsets[code]` to before `offsets[code + 1]`. */
export interface Utf8Strings {
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
}

/** A table by code, emptied by raising its stamp: an entry counts only where `stamps[code] === stamp`. */
export interface ScratchTable {
  readonly rows: Int32Array;
  readonly stamps: Int32Array;
  readonly stamp: number;
}

const notDecodable = (): string => '';

/**
 * The strings behind a column of codes. Columns share dictionaries: filtering, gathering and slicing never copy a string.
 *
 * Strings that came as Arrow bytes become JavaScript strings when they are first read, so a request that reads twenty of
 * five hundred ids pays for twenty.
 */
export class Dictionary {
  /** By code; `undefined` until first read through {@link at}. */
  readonly strings: readonly (string | undefined)[];
  readonly isDistinct: boolean;
  readonly utf8: Utf8Strings | undefined;
  readonly #decode: (code: number) => string;
  #scratch: { rows: Int32Array; stamps: Int32Array; stamp: number } | undefined;

  constructor(strings: readonly (string | undefined)[], options: DictionaryOptions) {
    this.strings = strings;
    this.isDistinct = options.isDistinct;
    this.utf8 = options.utf8;
    this.#decode = options.decode ?? notDecodable;
  }

  /** A dictionary of these strings, in this order. */
  static of(strings: readonly string[]): Dictionary {
    return new Dictionary(strings, { isDistinct: new Set(strings).size === strings.length });
  }

  get size(): number {
    return this.strings.length;
  }

  /** The string of a code, which must be from 0 to `size - 1`. */
  at(code: number): string {
    return this.strings[code] ?? this.#fill(code);
  }

  #fill(code: number): string {
    const text = this.#decode(code);
    (this.strings as string[])[code] = text;
    return text;
  }

  /** A scratch table with room for every code, for one synchronous loop; the next call empties it. */
  scratchTable(): ScratchTable {
    const { size } = this;
    if (this.#scratch === undefined || this.#scratch.stamps.length < size || this.#scratch.stamp === 0x7fffffff) {
      const room = size + (size >>> 1) + 16; // a shared dictionary grows; do not make a new table each time
      this.#scratch = { rows: new Int32Array(room), stamps: new Int32Array(room), stamp: 0 };
    }
    this.#scratch.stamp += 1;
    return this.#scratch;
  }
}
