import { MilongaError } from '../errors/milonga-error.ts';
import { describeType, isSameKind, isSameType } from '../schema/describe-type.ts';
import { describeFound } from '../schema/value-check.ts';
import type { ValueType } from '../schema/value-type.ts';
import { Column } from './column.ts';
import { ColumnBuilder } from './column-builder.ts';

/** A column as `type`, when nothing is lost by it; `undefined` becomes nulls. See {@link Frame.as}. */
export function conformColumn(name: string, type: ValueType, column: Column | undefined, length: number): Column {
  if (column !== undefined && isSameType(column.type, type)) return column;
  if (column === undefined && length > 0 && !type.isNullable) {
    throw new MilongaError(
      'MILONGA_FRAME_SHAPE',
      `The frame lacks column "${name}" (${describeType(type)}), which is not nullable.`,
    );
  }
  if (column === undefined) return nulls(name, type, length);
  if (!type.isNullable && column.nullCount > 0) {
    throw new MilongaError(
      'MILONGA_FRAME_VALUE',
      `Column "${name}" takes ${describeType(type)}; found ${column.nullCount} nulls.`,
    );
  }
  if (isSameKind(column.type, type)) {
    const { values, validity, dictionary, offsets } = column;
    return new Column(type, length, values, { dictionary, offsets, validity: type.isNullable ? validity : undefined });
  }
  return converted(name, type, column);
}

function nulls(name: string, type: ValueType, length: number): Column {
  const builder = new ColumnBuilder(name, type, length);
  for (let row = 0; row < length; row += 1) builder.push(null);
  return builder.finish();
}

/** Gives the value in the other type, or `undefined` where it would become another value. */
type Convert = (value: unknown) => unknown;

const same: Convert = (value) => value;
const toInt32: Convert = (value) => (((value as number) | 0) === value ? value : undefined);
const toTimestamp: Convert = (value) => (Number.isSafeInteger(value) ? value : undefined);
const toFloat32: Convert = (value) =>
  Math.abs(Math.fround(value as number)) === Infinity && Math.abs(value as number) !== Infinity ? undefined : value;

/** By "from to". */
const conversions: Readonly<Record<string, Convert>> = {
  'int32 float64': same,
  'int32 float32': same,
  'float32 float64': same,
  'float32 int32': toInt32,
  'float64 int32': toInt32,
  'float64 float32': toFloat32,
  'float64 timestamp': toTimestamp,
  'timestamp float64': same,
  'enumeration string': same,
};

/** Engines without null lists keep a vector that is null as a list of nothing. */
const toVector =
  ({ width, isNullable }: ValueType): Convert =>
  (value) => {
    const numbers = value as readonly number[];
    if (numbers.length === 0 && isNullable) return null;
    return numbers.length === width ? Float32Array.from(numbers) : undefined;
  };

const toList =
  (convert: Convert): Convert =>
  (value) => {
    const elements = (value as readonly unknown[]).map(convert);
    return elements.includes(undefined) ? undefined : elements;
  };

function conversionOf(from: ValueType, to: ValueType): Convert | undefined {
  if (from.kind === 'list' && to.kind === 'vector') {
    const isNumeric = from.element?.kind === 'float64' || from.element?.kind === 'int32';
    return isNumeric ? toVector(to) : undefined;
  }
  if (from.kind === 'list' && to.kind === 'list') {
    const convert = conversionOf(from.element as ValueType, to.element as ValueType);
    return convert === undefined ? undefined : toList(convert);
  }
  if (from.kind === to.kind && from.kind !== 'enumeration') return same; // an element of a list
  if (to.kind === 'enumeration') return (value) => (to.categories?.includes(value as string) ? value : undefined);
  return conversions[`${from.kind} ${to.kind}`];
}

function converted(name: string, type: ValueType, column: Column): Column {
  const convert = conversionOf(column.type, type);
  if (convert === undefined) {
    throw new MilongaError(
      'MILONGA_FRAME_SHAPE',
      `Column "${name}" is ${describeType(column.type)}; it cannot become ${describeType(type)}.`,
    );
  }
  const builder = new ColumnBuilder(name, type, column.length);
  for (let row = 0; row < column.length; row += 1) {
    const value = column.at(row);
    const result = value === null ? null : convert(value);
    if (result === undefined) {
      throw new MilongaError(
        'MILONGA_FRAME_VALUE',
        `Column "${name}" cannot become ${describeType(type)}: found ${describeFound(value)} at row ${row}.`,
      );
    }
    builder.push(result);
  }
  return builder.finish();
}
