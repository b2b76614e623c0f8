import { MilongaError } from '../errors/milonga-error.ts';
import { describeType } from '../schema/describe-type.ts';
import { describeFound } from '../schema/value-check.ts';
import type { ValueOf, ValueType } from '../schema/value-type.ts';
import { bitmapBytes, clearBit, setBit } from './bits.ts';
import { Column, type ColumnParts, type Values } from './column.ts';

/**
 * Builds one column by appending values. Get one from {@link FrameBuilder.column}.
 *
 * Values are checked as far as a wrong one would otherwise be stored as another: types, the range of an int32, the
 * length of a vector, the members of an enumeration, null. NaN and infinities are floats like others in a frame.
 */
export abstract class ColumnBuilder<out Type extends ValueType = ValueType> {
  readonly name: string;
  readonly type: Type;
  readonly #firstCapacity: number;
  #length = 0;
  #capacity = 0; // buffers are made at the first push
  #validity: Uint8Array | undefined;

  constructor(name: string, type: Type, capacity: number) {
    this.name = name;
    this.type = type;
    this.#firstCapacity = Math.max(1, capacity);
    this.#validity = type.isNullable ? new Uint8Array(0) : undefined;
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
      if (this.#validity === undefined) throw this.mismatch(value);
      clearBit(this.#validity, row);
      this.writeNull(row);
    } else {
      this.write(row, value);
      if (this.#validity !== undefined) setBit(this.#validity, row);
    }
    this.#length = row + 1;
  }

  /** Forgets the rows from `length` on. */
  truncate(length: number): void {
    this.#length = Math.min(this.#length, length);
    this.cut(this.#length);
  }

  /** The column of what was appended; the builder starts anew. */
  finish(): Column<Type> {
    const length = this.#length;
    const validity = this.#validity?.subarray(0, bitmapBytes(length));
    if (validity !== undefined) for (let bit = length; bit < validity.length * 8; bit += 1) clearBit(validity, bit);
    const { values, parts } = this.take(length);
    this.#length = 0;
    this.#capacity = 0;
    if (validity !== undefined) this.#validity = new Uint8Array(0);
    return new Column(this.type, length, values, { ...parts, validity });
  }

  #grow(): void {
    this.#capacity = Math.max(this.#firstCapacity, this.#capacity * 2);
    if (this.#validity !== undefined) {
      const larger = new Uint8Array(bitmapBytes(this.#capacity));
      larger.set(this.#validity);
      this.#validity = larger;
    }
    this.reserve(this.#capacity, this.#length);
  }

  protected mismatch(value: unknown): MilongaError {
    return new MilongaError(
      'MILONGA_FRAME_VALUE',
      `Column "${this.name}" takes ${describeType(this.type)}; found ${describeFound(value)} at row ${this.#length}.`,
    );
  }

  /** Makes new buffers for `capacity` rows and copies the first `kept` rows into them. */
  protected abstract reserve(capacity: number, kept: number): void;
  /** Writes a value that is neither null nor undefined. */
  protected abstract write(row: number, value: unknown): void;
  /** Hands over the buffers, cut to `length` rows. */
  protected abstract take(length: number): { readonly values: Values; readonly parts: ColumnParts };
  protected writeNull(_row: number): void {}
  protected cut(_length: number): void {}
}
