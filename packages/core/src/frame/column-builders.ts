import type { ValueKind, ValueType } from '../schema/value-type.ts';
import { bitmapBytes, clearBit, setBit } from './bits.ts';
import { categoriesOf } from './categories.ts';
import type { ColumnParts, Values } from './column.ts';
import { ColumnBuilder } from './column-builder.ts';
import { InternTable, type Interner } from './interner.ts';
import { writeTimestamp } from './timestamp-words.ts';

// A class per kind, each with its own typed array: shared code over several sorts of typed array is slow in V8.

interface Taken {
  readonly values: Values;
  readonly parts: ColumnParts;
}

class Float64Builder extends ColumnBuilder {
  #values: Float64Array = new Float64Array(0);
  protected override reserve(capacity: number, kept: number): void {
    const larger = new Float64Array(capacity);
    larger.set(this.#values.subarray(0, kept));
    this.#values = larger;
  }
  protected override write(row: number, value: unknown): void {
    if (typeof value !== 'number') throw this.mismatch(value);
    this.#values[row] = value;
  }
  protected override take(length: number): Taken {
    return { values: this.#values.subarray(0, length), parts: {} };
  }
}

class Float32Builder extends ColumnBuilder {
  #values: Float32Array = new Float32Array(0);
  protected override reserve(capacity: number, kept: number): void {
    const larger = new Float32Array(capacity);
    larger.set(this.#values.subarray(0, kept));
    this.#values = larger;
  }
  protected override write(row: number, value: unknown): void {
    if (typeof value !== 'number') throw this.mismatch(value);
    this.#values[row] = value;
  }
  protected override take(length: number): Taken {
    return { values: this.#values.subarray(0, length), parts: {} };
  }
}

class VectorBuilder extends ColumnBuilder {
  #values: Float32Array = new Float32Array(0);
  protected override reserve(capacity: number, kept: number): void {
    const { width } = this.type;
    const larger = new Float32Array(capacity * width);
    larger.set(this.#values.subarray(0, kept * width));
    this.#values = larger;
  }
  protected override write(row: number, value: unknown): void {
    const { width } = this.type;
    if (!(value instanceof Float32Array) || value.length !== width) throw this.mismatch(value);
    this.#values.set(value, row * width);
  }
  protected override take(length: number): Taken {
    return { values: this.#values.subarray(0, length * this.type.width), parts: {} };
  }
}

class BooleanBuilder extends ColumnBuilder {
  #values: Uint8Array = new Uint8Array(0);
  protected override reserve(capacity: number, kept: number): void {
    const larger = new Uint8Array(bitmapBytes(capacity));
    larger.set(this.#values.subarray(0, bitmapBytes(kept)));
    this.#values = larger;
  }
  protected override write(row: number, value: unknown): void {
    if (value === true) setBit(this.#values, row);
    else if (value === false) clearBit(this.#values, row);
    else throw this.mismatch(value);
  }
  protected override take(length: number): Taken {
    const values = this.#values.subarray(0, bitmapBytes(length));
    for (let bit = length; bit < values.length * 8; bit += 1) clearBit(values, bit);
    return { values, parts: {} };
  }
}

/** The kinds that are int32 in memory: integers, codes, words of timestamps. */
abstract class WordBuilder extends ColumnBuilder {
  protected words: Int32Array = new Int32Array(0);
  protected override reserve(capacity: number, kept: number): void {
    const { width } = this.type;
    const larger = new Int32Array(capacity * width);
    larger.set(this.words.subarray(0, kept * width));
    this.words = larger;
  }
  protected override take(length: number): Taken {
    return { values: this.words.subarray(0, length * this.type.width), parts: {} };
  }
}

class Int32Builder extends WordBuilder {
  protected override write(row: number, value: unknown): void {
    if (((value as number) | 0) !== value) throw this.mismatch(value);
    this.words[row] = value;
  }
}

class TimestampBuilder extends WordBuilder {
  protected override write(row: number, value: unknown): void {
    if (!Number.isSafeInteger(value)) throw this.mismatch(value);
    writeTimestamp(this.words, row, value as number);
  }
}

class EnumerationBuilder extends WordBuilder {
  protected override write(row: number, value: unknown): void {
    const code = categoriesOf(this.type).codes.get(value as string);
    if (code === undefined) throw this.mismatch(value);
    this.words[row] = code;
  }
  protected override take(length: number): Taken {
    return { values: super.take(length).values, parts: { dictionary: categoriesOf(this.type).dictionary } };
  }
}

class StringBuilder extends WordBuilder {
  readonly #interner: Interner | undefined;
  #table: InternTable;
  constructor(name: string, type: ValueType, capacity: number, interner: Interner | undefined) {
    super(name, type, capacity);
    this.#interner = interner;
    this.#table = interner?.table() ?? new InternTable();
  }
  protected override write(row: number, value: unknown): void {
    if (typeof value !== 'string') throw this.mismatch(value);
    this.words[row] = this.#table.codeOf(value);
  }
  protected override take(length: number): Taken {
    const { dictionary } = this.#table;
    this.#table = this.#interner?.table() ?? new InternTable();
    return { values: super.take(length).values, parts: { dictionary } };
  }
}

/** Offsets, and a builder of all elements. */
class ListBuilder extends ColumnBuilder {
  #offsets: Int32Array = new Int32Array(1);
  readonly #elements: ColumnBuilder;
  constructor(name: string, type: ValueType, capacity: number, interner: Interner | undefined) {
    super(name, type, capacity);
    this.#elements = newColumnBuilder(name, type.element as ValueType, capacity, interner);
  }
  protected override reserve(capacity: number, kept: number): void {
    const larger = new Int32Array(capacity + 1);
    larger.set(this.#offsets.subarray(0, kept + 1));
    this.#offsets = larger;
  }
  protected override write(row: number, value: unknown): void {
    if (!Array.isArray(value)) throw this.mismatch(value);
    try {
      for (const element of value as readonly unknown[]) this.#elements.push(element);
    } catch (error) {
      this.#elements.truncate(this.#offsets[row]!);
      throw error;
    }
    this.#offsets[row + 1] = this.#elements.length;
  }
  protected override writeNull(row: number): void {
    this.#offsets[row + 1] = this.#elements.length;
  }
  protected override cut(length: number): void {
    this.#elements.truncate(this.#offsets[length]!);
  }
  protected override take(length: number): Taken {
    const { values, dictionary } = this.#elements.finish();
    return { values, parts: { offsets: this.#offsets.subarray(0, length + 1), dictionary } };
  }
}

type Make = (name: string, type: ValueType, capacity: number, interner: Interner | undefined) => ColumnBuilder;

const makers: Readonly<Record<ValueKind, Make>> = {
  float64: (name, type, capacity) => new Float64Builder(name, type, capacity),
  float32: (name, type, capacity) => new Float32Builder(name, type, capacity),
  vector: (name, type, capacity) => new VectorBuilder(name, type, capacity),
  boolean: (name, type, capacity) => new BooleanBuilder(name, type, capacity),
  int32: (name, type, capacity) => new Int32Builder(name, type, capacity),
  timestamp: (name, type, capacity) => new TimestampBuilder(name, type, capacity),
  enumeration: (name, type, capacity) => new EnumerationBuilder(name, type, capacity),
  string: (name, type, capacity, interner) => new StringBuilder(name, type, capacity, interner),
  list: (name, type, capacity, interner) => new ListBuilder(name, type, capacity, interner),
};

/** A builder for a column of `type`, with room for `capacity` rows to begin with. */
export function newColumnBuilder<Type extends ValueType>(
  name: string,
  type: Type,
  capacity: number,
  interner?: Interner,
): ColumnBuilder<Type> {
  return makers[type.kind](name, type, capacity, interner) as ColumnBuilder<Type>;
}
