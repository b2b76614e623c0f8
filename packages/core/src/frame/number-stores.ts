import { bitmapBytes, clearBit, setBit } from './bits.ts';
import { writeTimestamp } from './timestamp-words.ts';
import type { StoredValues, ValueStore } from './value-store.ts';

// A class per kind, each with its own sort of typed array, though they look alike: code that sees several sorts is slow.

export class Float64Store implements ValueStore {
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

export class Float32Store implements ValueStore {
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

export class VectorStore implements ValueStore {
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

export class BooleanStore implements ValueStore {
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

export class Int32Store implements ValueStore {
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

export class TimestampStore implements ValueStore {
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
