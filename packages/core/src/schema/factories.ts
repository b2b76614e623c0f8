import { MilongaError } from '../errors/milonga-error.ts';
import type {
  BooleanType,
  EnumerationType,
  Float32Type,
  Float64Type,
  Int32Type,
  ListElement,
  ListType,
  NullableType,
  StringType,
  TimestampType,
  ValueKind,
  ValueType,
  VectorType,
} from './value-type.ts';

interface Parts {
  readonly width?: number;
  readonly categories?: readonly string[];
  readonly element?: ValueType;
}

/** Every value type has the same properties in the same order, so that V8 sees one shape. */
const valueType = <Type extends ValueType>(kind: ValueKind, { width = 1, categories, element }: Parts = {}): Type =>
  Object.freeze({ kind, isNullable: false, width, categories, element }) as unknown as Type; // phantom keys: no value

/**
 * Text of any length, well-formed Unicode.
 *
 * @example
 * ```ts
 * const gift = event('gift', { userId: string(), coins: int32() });
 * ```
 */
export const string = (): StringType => valueType('string');

/** An integer that fits 32 bits, with its sign. Larger ones are {@link float64}, which is exact up to 2^53. */
export const int32 = (): Int32Type => valueType('int32');

/** A number in single precision: half the memory of {@link float64}, about seven digits. */
export const float32 = (): Float32Type => valueType('float32');

/** A number in double precision. */
export const float64 = (): Float64Type => valueType('float64');

/** True or false. */
export const boolean = (): BooleanType => valueType('boolean');

/** A moment, as whole Unix milliseconds. Borders also take ISO 8601 strings with a zone, and `Date`. */
export const timestamp = (): TimestampType => valueType('timestamp', { width: 2 });

/**
 * One of a fixed set of strings, typed as their union. Changing the set or its order changes the fingerprint.
 *
 * @throws MilongaError `MILONGA_DEFINITION_INVALID` without members, or when one is named twice.
 * @example
 * ```ts
 * const device = enumeration('phone', 'tablet', 'desktop'); // rows: 'phone' | 'tablet' | 'desktop'
 * ```
 */
export function enumeration<const Member extends string>(...members: readonly Member[]): EnumerationType<Member> {
  if (members.length === 0 || new Set(members).size !== members.length) {
    throw new MilongaError(
      'MILONGA_DEFINITION_INVALID',
      `An enumeration needs one or more different strings; found ${JSON.stringify(members)}.`,
    );
  }
  return valueType('enumeration', { categories: Object.freeze([...members]) });
}

/**
 * A fixed number of float32, such as an embedding.
 *
 * @throws MilongaError `MILONGA_DEFINITION_INVALID` unless `length` is an integer from 1 to 65,536.
 */
export function vector(length: number): VectorType {
  if (!Number.isInteger(length) || length < 1 || length > 65_536) {
    throw new MilongaError('MILONGA_DEFINITION_INVALID', `A vector has 1 to 65,536 elements; found ${length}.`);
  }
  return valueType('vector', { width: length });
}

/** Any number of strings, integers, floats or timestamps; none of them null. */
export const list = <Of extends ListElement>(of: Of): ListType<Of> =>
  valueType('list', { width: of.width, element: of });

/** The same, or null. A border takes a missing field as null. */
export const nullable = <Of extends ValueType & { readonly isNullable: false }>(of: Of): NullableType<Of> =>
  Object.freeze({
    kind: of.kind,
    isNullable: true,
    width: of.width,
    categories: of.categories,
    element: of.element,
  }) as unknown as NullableType<Of>;
