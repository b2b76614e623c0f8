import { MilongaError } from '../errors/milonga-error.ts';
import { describeType } from '../schema/describe-type.ts';
import { describeFound } from '../schema/value-check.ts';
import type { ValueOf, ValueType } from '../schema/value-type.ts';
import { bitmapBytes, clearBit, fillBits, setBit } from './bits.ts';
import { Column } from './column.ts';
import type { Interner } from './interner.ts';
import { newValueStore, type ValueStore } from './value-store.ts';

/**
 * Builds one column by appending values. Get one from {@link FrameBuilder.column}.
 *
 * Values are checked as far as a wrong one would otherwise be stored as another: types, the range of an int32, the
 * length of a vector, the members of an enumeration, null. NaN and infinities are floats like others in a frame.
 */
export class ColumnBuilder<Type extends ValueType = ValueType> {
  // One class for all kinds, so that V8 sees one shape; what differs is in the store.
  readonly name: string;
  readonly type: Type;
  readonly #store: ValueStore;
  readonly #firstCapacity: number;
  #length = 0;
  #capacity = 0; // buffers are made at the first push
  /** Made at the first null: most nullable columns of most frames have none. */
  #validity: Uint8Array | undefined = undefined;

  constructor(name: string, type: Type, capacity: number, interner?: Interner) {
    this.name = name;
    this.type = type;
    this.#store = newValueStore(type, capacity, interner);
    this.#firstCapacity = Math.max(1, capacity);
  }

  /** Rows so far. */
  get length(): number {
    return this.#length;
  }

  /** Appends a value. @throws MilongaError `MILONGA_FRAME_VALUE` when it is not of the column's type. */
  push(value: ValueOf<Type>): void {
    const row = this.#length;
    if (row === this.#capacity) this.#grow();
    if (value === null || value === undefined) {
      if (!this.type.isNullable) throw this.#mismatch(value);
      if (this.#validity === undefined) this.#validity = this.#allPresent();
      clearBit(this.#validity, row);
      this.#store.skip(row);
    } else {
      if (!this.#store.write(row, value)) throw this.#mismatch(value);
      if (this.#validity !== undefined) setBit(this.#validity, row);
    }
    this.#length = row + 1;
  }

  /** Forgets the rows from `length` on. */
  truncate(length: number): void {
    this.#length = Math.min(this.#length, length);
  }

  /** The column of what was appended; the builder starts anew. */
  finish(): Column<Type> {
    const length = this.#length;
    const validity = this.#validity?.subarray(0, bitmapBytes(length));
    if (validity !== undefined) for (let bit = length; bit < validity.length * 8; bit += 1) clearBit(validity, bit);
    const { values, dictionary, offsets } = this.#store.take(length);
    this.#length = 0;
    this.#capacity = 0;
    this.#validity = undefined;
    return new Column(this.type, length, values, { dictionary, offsets, validity });
  }

  #allPresent(): Uint8Array {
    const validity = new Uint8Array(bitmapBytes(this.#capacity));
    fillBits(validity, 0, this.#length);
    return validity;
  }

  #grow(): void {
    this.#capacity = Math.max(this.#firstCapacity, this.#capacity * 2);
    if (this.#validity !== undefined) {
      const larger = new Uint8Array(bitmapBytes(this.#capacity));
      larger.set(this.#validity);
      this.#validity = larger;
    }
    this.#store.reserve(this.#capacity, this.#length);
  }

  #mismatch(value: unknown): MilongaError {
    return new MilongaError(
      'MILONGA_FRAME_VALUE',
      `Column "${this.name}" takes ${describeType(this.type)}; found ${describeFound(value)} at row ${this.#length}.`,
    );
  }
}
