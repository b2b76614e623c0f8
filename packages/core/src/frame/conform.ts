import { MilongaError } from '../errors/milonga-error.ts';
import { describeType, isSameType } from '../schema/describe-type.ts';
import type { ValueType } from '../schema/value-type.ts';
import { Column } from './column.ts';
import { ColumnBuilder } from './column-builder.ts';

/** A column as `type`, when nothing is lost by it; `undefined` becomes nulls. See {@link Frame.as}. */
export function conformColumn(name: string, type: ValueType, column: Column | undefined, length: number): Column {
  if (column !== undefined && isSameType(column.type, type)) return column;
  if (column === undefined && length > 0 && !type.isNullable) {
    throw new MilongaError('MILONGA_FRAME_SHAPE', `The frame lacks column "${name}" (${describeType(type)}), which is not nullable.`);
  }
  if (column === undefined) return nulls(name, type, length);
  if (!type.isNullable && column.nullCount > 0) {
    throw new MilongaError('MILONGA_FRAME_VALUE', `Column "${name}" takes ${describeType(type)}; found ${column.nullCount} nulls.`);
  }
  if (isSameType({ ...column.type, isNullable: type.isNullable }, type)) {
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

type Convert = (value: unknown) => unknown;
const same: Convert = (value) => value;
const toFloat32: Convert = (value) => (Object.is(Math.fround(value as number), value) ? value : 'a number that float32 cannot hold');
const toVector: Convert = (value) => Float32Array.from(value as readonly number[]);

/** By "from to": what a conversion does to a value. The builder of the new type refuses what does not fit. */
const conversions: Readonly<Record<string, Convert>> = {
  'int32 float64': same,
  'int32 float32': toFloat32,
  'float32 float64': same,
  'float32 int32': same,
  'float64 int32': same,
  'float64 float32': toFloat32,
  'float64 timestamp': same,
  'timestamp float64': same,
  'string enumeration': same,
  'enumeration string': same,
  'list vector': toVector,
};

function converted(name: string, type: ValueType, column: Column): Column {
  const convert = conversions[`${column.type.kind} ${type.kind}`];
  const element = column.type.element?.kind;
  if (convert === undefined || (type.kind === 'vector' && element !== 'float64' && element !== 'int32')) {
    throw new MilongaError('MILONGA_FRAME_SHAPE', `Column "${name}" is ${describeType(column.type)}; it cannot become ${describeType(type)} without loss.`);
  }
  const builder = new ColumnBuilder(name, type, column.length);
  for (let row = 0; row < column.length; row += 1) {
    const value = column.at(row);
    builder.push(value === null ? null : convert(value));
  }
  return builder.finish();
}
