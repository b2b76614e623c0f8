import type { MemoryOf, ValueOf, ValueType } from '../schema/value-type.ts';
import { countBits, hasBit } from './bits.ts';
import { categoriesOf } from './categories.ts';
import { numbersOf } from './column-numbers.ts';
import { readValue } from './column-values.ts';
import type { Dictionary } from './dictionary.ts';

/** Every typed array that can hold the values of a column. */
export type Values = Float64Array | Float32Array | Int32Array | Uint8Array;

/** The parts of a column beside its values. */
export interface ColumnParts {
  /** Arrow's validity bitmap; absent when every value is present. */
  readonly validity?: Uint8Array | undefined;
  /** The strings of a string or a list of strings. An enumeration has its own: codes count its members as declared. */
  readonly dictionary?: Dictionary | undefined;
  /** For a list: where each row's elements begin, and at the end where the last one stops; `length + 1` of them. */
  readonly offsets?: Int32Array | undefined;
}

/**
 * One typed column in Arrow's memory format. Never change its buffers: frames share them.
 *
 * `values` has the exact typed array of the type: `Float64Array` for float64, codes for strings, a bitmap for booleans,
 * pairs of words for timestamps (see {@link readTimestamp}), `width` floats a row for vectors, the elements of all rows
 * for lists. Where `validity` has a 0, the values buffer holds anything.
 */
export class Column<Type extends ValueType = ValueType> {
  // One class for all kinds, with every field always present: V8 then sees one shape, whatever the schema.
  readonly type: Type;
  readonly length: number;
  readonly values: MemoryOf<Type> & Values;
  readonly validity: Uint8Array | undefined;
  readonly dictionary: Dictionary | undefined;
  readonly offsets: Int32Array | undefined;

  constructor(type: Type, length: number, values: Values, parts: ColumnParts = {}) {
    this.type = type;
    this.length = length;
    this.values = values as MemoryOf<Type> & Values;
    this.validity = parts.validity;
    this.dictionary = type.kind === 'enumeration' ? categoriesOf(type).dictionary : parts.dictionary;
    this.offsets = parts.offsets;
  }

  /** True when `row` is null. */
  isNull(row: number): boolean {
    return this.validity !== undefined && !hasBit(this.validity, row);
  }

  /** How many rows are null. */
  get nullCount(): number {
    return this.validity === undefined ? 0 : this.length - countBits(this.validity, this.length);
  }

  /** The value at `row`, from 0 to `length - 1`. For single looks; loops read `values`, or use a cursor. */
  at(row: number): ValueOf<Type> {
    return (this.isNull(row) ? null : readValue(this, row)) as ValueOf<Type>;
  }

  /**
   * The values as numbers, for models: null is NaN, false and true are 0 and 1, timestamps Unix ms. Not a copy for a
   * float64 column without nulls. @throws MilongaError `MILONGA_FRAME_SHAPE` for strings, vectors and lists.
   */
  toFloat64(): Float64Array {
    return numbersOf(this);
  }

  /** All values, in order. */
  toArray(): ValueOf<Type>[] {
    return Array.from({ length: this.length }, (_, row) => this.at(row));
  }
}
