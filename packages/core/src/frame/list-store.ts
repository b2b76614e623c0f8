import type { StoredValues, ValueStore } from './value-store.ts';

/** Offsets, and a store of the elements of all rows. */
export class ListStore implements ValueStore {
  readonly #elements: ValueStore;
  readonly #firstCapacity: number;
  #offsets: Int32Array = new Int32Array(1);
  #capacity = 0;

  constructor(elements: ValueStore, capacity: number) {
    this.#elements = elements;
    this.#firstCapacity = Math.max(8, capacity);
  }

  reserve(capacity: number, kept: number): void {
    const larger = new Int32Array(capacity + 1);
    larger.set(this.#offsets.subarray(0, kept + 1));
    this.#offsets = larger;
  }

  write(row: number, value: unknown): boolean {
    if (!Array.isArray(value)) return false;
    const start = this.#offsets[row]!;
    const end = start + value.length;
    while (end > this.#capacity) {
      this.#capacity = Math.max(this.#firstCapacity, this.#capacity * 2);
      this.#elements.reserve(this.#capacity, start);
    }
    for (let at = 0; at < value.length; at += 1) {
      const element: unknown = value[at];
      if (element === null || element === undefined || !this.#elements.write(start + at, element)) return false;
    }
    this.#offsets[row + 1] = end;
    return true;
  }

  skip(row: number): void {
    this.#offsets[row + 1] = this.#offsets[row]!;
  }

  take(length: number): StoredValues {
    const { values, dictionary } = this.#elements.take(this.#offsets[length]!);
    const offsets = this.#offsets.subarray(0, length + 1);
    this.#offsets = new Int32Array(1);
    this.#capacity = 0;
    return { values, dictionary, offsets };
  }
}
