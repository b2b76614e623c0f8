import type { ValueKind, ValueType } from '../schema/value-type.ts';
import { bitmapBytes, clearBit, setBit } from './bits.ts';
import { categoriesOf } from './categories.ts';
import type { Values } from './column.ts';
import type { Dictionary } from './dictionary.ts';
import { type Interner, InternTable } from './interner.ts';
import { ListStore } from './list-store.ts';
import { writeTimestamp } from './timestamp-words.ts';

/** The growing memory of a column: one class per kind, each with one sort of typed array, which is what V8 likes. */
export interface ValueStore {
  /** Makes new buffers for `capacity` rows and copies the first `kept` rows into them. */
  reserve(capacity: number, kept: number): void;
  /** Writes a value that is neither null nor undefined; false when it is not of the type. */
  write(row: number, value: unknown): boolean;
  /** A null at `row`. */
  skip(row: number): void;
  /** Hands over the buffers, cut to `length` rows. */
  take(length: number): StoredValues;
}

/** What a store hands over. */
export interface StoredValues {
  readonly values: Values;
  readonly dictionary?: Dictionary | undefined;
  readonly offsets?: Int32Array | undefined;
}

class Float64Store implements ValueStore {
  #values: Float64Array = new Float64Array(0);
  reserve(capacity: number, kept: number): void {
    const larger = new Float64Array(capacity);
    larger.set(this.#values.subarray(0, kept));
    this.#values = larger;
  }
  write(row: number, value: unknown): boolean {
    if (typeof value !== 'number') return false;
    this.#values[row] = value;
    return true;
  }
  skip(): void {}
  take(length: number): StoredValues {
    return { values: this.#values.subarray(0, length) };
  }
}

class Float32Store implements ValueStore {
  #values: Float32Array = new Float32Array(0);
  reserve(capacity: number, kept: number): void {
    const larger = new Float32Array(capacity);
    larger.set(this.#values.subarray(0, kept));
    this.#values = larger;
  }
  write(row: number, value: unknown): boolean {
    if (typeof value !== 'number') return false;
    this.#values[row] = value;
    return true;
  }
  skip(): void {}
  take(length: number): StoredValues {
    return { values: this.#values.subarray(0, length) };
  }
}

class VectorStore implements ValueStore {
  readonly #width: number;
  #values: Float32Array = new Float32Array(0);
  constructor(width: number) {
    this.#width = width;
  }
  reserve(capacity: number, kept: number): void {
    const larger = new Float32Array(capacity * this.#width);
    larger.set(this.#values.subarray(0, kept * this.#width));
    this.#values = larger;
  }
  write(row: number, value: unknown): boolean {
    if (!(value instanceof Float32Array) || value.length !== this.#width) return false;
    this.#values.set(value, row * this.#width);
    return true;
  }
  skip(): void {}
  take(length: number): StoredValues {
    return { values: this.#values.subarray(0, length * this.#width) };
  }
}

class BooleanStore implements ValueStore {
  #bits: Uint8Array = new Uint8Array(0);
  reserve(capacity: number, kept: number): void {
    const larger = new Uint8Array(bitmapBytes(capacity));
    larger.set(this.#bits.subarray(0, bitmapBytes(kept)));
    this.#bits = larger;
  }
  write(row: number, value: unknown): boolean {
    if (value === true) setBit(this.#bits, row);
    else if (value === false) clearBit(this.#bits, row);
    else return false;
    return true;
  }
  skip(): void {}
  take(length: number): StoredValues {
    const values = this.#bits.subarray(0, bitmapBytes(length));
    for (let bit = length; bit < values.length * 8; bit += 1) clearBit(values, bit);
    return { values };
  }
}

class Int32Store implements ValueStore {
  #values: Int32Array = new Int32Array(0);
  reserve(capacity: number, kept: number): void {
    const larger = new Int32Array(capacity);
    larger.set(this.#values.subarray(0, kept));
    this.#values = larger;
  }
  write(row: number, value: unknown): boolean {
    if (((value as number) | 0) !== value) return false;
    this.#values[row] = value;
    return true;
  }
  skip(): void {}
  take(length: number): StoredValues {
    return { values: this.#values.subarray(0, length) };
  }
}

class TimestampStore implements ValueStore {
  #words: Int32Array = new Int32Array(0);
  reserve(capacity: number, kept: number): void {
    const larger = new Int32Array(capacity * 2);
    larger.set(this.#words.subarray(0, kept * 2));
    this.#words = larger;
  }
  write(row: number, value: unknown): boolean {
    if (!Number.isSafeInteger(value)) return false;
    writeTimestamp(this.#words, row, value as number);
    return true;
  }
  skip(): void {}
  take(length: number): StoredValues {
    return { values: this.#words.subarray(0, length * 2) };
  }
}

/** Codes of strings, in the dictionary of an enumeration or of an interner, or in one of its own. */
class CodeStore implements ValueStore {
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

function enumerationStore(type: ValueType): ValueStore {
  const { codes, dictionary } = categoriesOf(type);
  return new CodeStore((text) => codes.get(text) ?? -1, () => dictionary);
}

function stringStore(interner: Interner | undefined): ValueStore {
  let table = interner?.table() ?? new InternTable();
  return new CodeStore(
    (text) => table.codeOf(text),
    () => {
      const { dictionary } = table;
      table = interner?.table() ?? new InternTable(); // what comes after is another column
      return dictionary;
    },
  );
}

type Make = (type: ValueType, capacity: number, interner: Interner | undefined) => ValueStore;

const makers: Readonly<Record<ValueKind, Make>> = {
  float64: () => new Float64Store(),
  float32: () => new Float32Store(),
  vector: ({ width }) => new VectorStore(width),
  boolean: () => new BooleanStore(),
  int32: () => new Int32Store(),
  timestamp: () => new TimestampStore(),
  enumeration: enumerationStore,
  string: (_type, _capacity, interner) => stringStore(interner),
  list: ({ element }, capacity, interner) => new ListStore(newValueStore(element as ValueType, capacity, interner), capacity),
};

/** A store for values of `type`. */
export const newValueStore: Make = (type, capacity, interner) => makers[type.kind](type, capacity, interner);
