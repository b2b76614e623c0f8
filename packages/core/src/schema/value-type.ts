// Phantom keys: they exist for the compiler only. Reading `F[Name][typeof value]` is one indexed access, where a
// conditional type with `infer` would be evaluated for every column of every call that accumulates types.
declare const value: unique symbol;
declare const memory: unique symbol;

/** What a value is. `vector` is a fixed number of float32, `enumeration` one of a fixed set of strings. */
export type ValueKind =
  | 'string'
  | 'int32'
  | 'float32'
  | 'float64'
  | 'boolean'
  | 'timestamp'
  | 'enumeration'
  | 'vector'
  | 'list';

/**
 * The type of one value: of a field of an event, of a feature, of a column of a frame. One language for all three.
 *
 * Make one with a factory ({@link string}, {@link int32}, {@link vector} and so on), never by hand. `Value` is what user
 * code reads in a row; `Memory` is the typed array that holds a column of it (Arrow's memory format).
 */
export interface ValueType<out Value = unknown, out Memory = unknown> {
  readonly kind: ValueKind;
  readonly isNullable: boolean;
  /** Elements of the value buffer per row: 1; for a timestamp 2 (the words of an int64); for a vector its length. */
  readonly width: number;
  /** The strings of an enumeration, in the order of their codes. */
  readonly categories: readonly string[] | undefined;
  /** The type of the elements of a list. */
  readonly element: ValueType | undefined;
  readonly [value]: Value;
  readonly [memory]: Memory;
}

// Named interfaces, not aliases: an editor prints `Float64Type`, not the structure behind it.

/** Text. In memory: codes into a dictionary of strings. */
export interface StringType extends ValueType<string, Int32Array> {
  readonly kind: 'string';
  readonly isNullable: false;
}

/** An integer from -2,147,483,648 to 2,147,483,647. */
export interface Int32Type extends ValueType<number, Int32Array> {
  readonly kind: 'int32';
  readonly isNullable: false;
}

/** A number in single precision. */
export interface Float32Type extends ValueType<number, Float32Array> {
  readonly kind: 'float32';
  readonly isNullable: false;
}

/** A number in double precision; also the home of integers up to 2^53. */
export interface Float64Type extends ValueType<number, Float64Array> {
  readonly kind: 'float64';
  readonly isNullable: false;
}

/** True or false. In memory: one bit a row, the least significant bit of each byte first. */
export interface BooleanType extends ValueType<boolean, Uint8Array> {
  readonly kind: 'boolean';
  readonly isNullable: false;
}

/**
 * A moment as Unix milliseconds (UTC). In memory: Arrow's `timestamp[ms]`, an int64 read as two 32-bit words, low word
 * first, so that no BigInt is ever made.
 */
export interface TimestampType extends ValueType<number, Int32Array> {
  readonly kind: 'timestamp';
  readonly isNullable: false;
}

/** One of a fixed set of strings. In memory: codes, in the order in which the strings were declared. */
export interface EnumerationType<out Member extends string = string> extends ValueType<Member, Int32Array> {
  readonly kind: 'enumeration';
  readonly isNullable: false;
  readonly categories: readonly Member[];
}

/** A fixed number of float32, such as an embedding. A row gives a view of the column's memory, not a copy. */
export interface VectorType extends ValueType<Float32Array, Float32Array> {
  readonly kind: 'vector';
  readonly isNullable: false;
}

/** What a list may hold. */
export type ListElement = StringType | Int32Type | Float64Type | TimestampType;

/** Any number of elements, none of them null. In memory: offsets into the elements of all rows. */
export interface ListType<out Of extends ListElement = ListElement>
  extends ValueType<readonly ValueOf<Of>[], MemoryOf<Of>> {
  readonly kind: 'list';
  readonly isNullable: false;
  readonly element: Of;
}

/** A value that may be absent: `null` in a row, a cleared bit in the validity bitmap of a column. */
export interface NullableType<out Of extends ValueType = ValueType>
  extends ValueType<ValueOf<Of> | null, MemoryOf<Of>> {
  readonly kind: Of['kind'];
  readonly isNullable: true;
  readonly categories: Of['categories'];
  readonly element: Of['element'];
}

/** What user code reads. */
export type ValueOf<Type extends ValueType> = Type[typeof value];

/** The typed array behind a column. */
export type MemoryOf<Type extends ValueType> = Type[typeof memory];

/** Named value types, in order: the fields of an event, the features of a view, the columns of a frame. */
export type Fields = Readonly<Record<string, ValueType>>;

/** Fields of things that a pipeline can rank: they have an id. */
export type CandidateFields = Fields & { readonly id: StringType };

/** The row that user code sees, such as `{ readonly ageHours: number; readonly category: string | null }`. */
export type Row<F extends Fields> = { readonly [Name in keyof F]: F[Name][typeof value] } & {};

/** `A` and `B` as one flat type; where both have a name, that of `B` holds. */
export type Merged<A, B> = {
  readonly [Name in keyof A | keyof B]: Name extends keyof B ? B[Name] : Name extends keyof A ? A[Name] : never;
} & {}; // `& {}` makes the compiler forget the alias: hovers show fields, not `Merged<Merged<…`
