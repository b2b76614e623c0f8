import type { ValueKind, ValueType } from '../schema/value-type.ts';
import { categoriesOf } from './categories.ts';
import { CodeStore } from './code-store.ts';
import type { Values } from './column.ts';
import type { Dictionary } from './dictionary.ts';
import { type Interner, InternTable } from './interner.ts';
import { ListStore } from './list-store.ts';
import { BooleanStore, Float32Store, Float64Store, Int32Store, TimestampStore, VectorStore } from './number-stores.ts';

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

function enumerationStore(type: ValueType): ValueStore {
  const { codes, dictionary } = categoriesOf(type);
  return new CodeStore(
    (text) => codes.get(text) ?? -1,
    () => dictionary,
  );
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
  list: ({ element }, capacity, interner) =>
    new ListStore(newValueStore(element as ValueType, capacity, interner), capacity),
};

/** A store for values of `type`. */
export const newValueStore: Make = (type, capacity, interner) => makers[type.kind](type, capacity, interner);
