import fc from 'fast-check';
import { problemOfName } from './describe-type.ts';
import {
  boolean,
  enumeration,
  float32,
  float64,
  int32,
  list,
  nullable,
  string,
  timestamp,
  vector,
} from './factories.ts';
import type { Fields, ListElement, Row, ValueKind, ValueType } from './value-type.ts';

type Bare = ValueType & { readonly isNullable: false };

const text = fc.string({ unit: 'binary' });
const nameText = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 8 })
  .filter((name) => problemOfName(name) === undefined);

const element = (): fc.Arbitrary<ListElement> =>
  fc.constantFrom<ListElement>(string(), int32(), float64(), timestamp());

/** Any value type. */
export function arbitraryType(): fc.Arbitrary<ValueType> {
  const bare = fc.oneof(
    fc.constantFrom<Bare>(string(), int32(), float32(), float64(), boolean(), timestamp()),
    fc.uniqueArray(text, { minLength: 1, maxLength: 5 }).map((members): Bare => enumeration(...members)),
    fc.integer({ min: 1, max: 5 }).map((length): Bare => vector(length)),
    element().map((of): Bare => list(of)),
  );
  return fc.tuple(bare, fc.boolean()).map(([type, isNullable]): ValueType => (isNullable ? nullable(type) : type));
}

/** Up to `maxLength` fields with any names. */
export function arbitraryFields(maxLength = 6): fc.Arbitrary<Fields> {
  return fc
    .uniqueArray(fc.tuple(nameText, arbitraryType()), { selector: ([name]) => name, maxLength })
    .map((entries) => Object.fromEntries(entries));
}

const values: Readonly<Record<ValueKind, (type: ValueType) => fc.Arbitrary<unknown>>> = {
  string: () => text,
  int32: () => fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  float32: () => fc.float({ noNaN: true, noDefaultInfinity: true }),
  float64: () => fc.double({ noNaN: true, noDefaultInfinity: true }),
  boolean: () => fc.boolean(),
  timestamp: () => fc.integer({ min: -8.64e15, max: 8.64e15 }),
  enumeration: ({ categories = [] }) => fc.constantFrom(...categories),
  vector: ({ width }) => fc.float32Array({ minLength: width, maxLength: width, noNaN: true, noDefaultInfinity: true }),
  list: ({ element: of }) => fc.array(arbitraryValue(of as ValueType), { maxLength: 4 }),
};

/** A value of a type, as validation would give it. */
export function arbitraryValue(type: ValueType): fc.Arbitrary<unknown> {
  const value = values[type.kind](type);
  return type.isNullable ? fc.option(value, { nil: null }) : value;
}

/** Rows of fields. */
export const arbitraryRow = (fields: Fields): fc.Arbitrary<Row<Fields>> =>
  fc.record(Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, arbitraryValue(type)])));

/** Fields, and rows of them. */
export const arbitraryRows = (maxLength = 40): fc.Arbitrary<readonly [Fields, readonly Row<Fields>[]]> =>
  arbitraryFields().chain((fields) => fc.tuple(fc.constant(fields), fc.array(arbitraryRow(fields), { maxLength })));
