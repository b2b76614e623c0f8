import { MilongaError } from '../errors/milonga-error.ts';
import { describeType } from '../schema/describe-type.ts';
import { describeFound } from '../schema/value-check.ts';
import type { MemoryOf, ValueOf, ValueType } from '../schema/value-type.ts';
import { bitmapBytes } from './bits.ts';
import { Column, type Values } from './column.ts';
import { ColumnBuilder } from './column-builder.ts';
import { newValues } from './slab.ts';
import { writeTimestamp } from './timestamp-words.ts';

/**
 * What a column can be made of: a column as it is; its typed array (not copied; every value present); an array of
 * values; for timestamps also a Float64Array of Unix ms. Codes of strings need a dictionary: make a {@link Column}.
 */
export type ColumnInput<Type extends ValueType> =
  | Column<Type>
  | readonly ValueOf<Type>[]
  | (Type['kind'] extends 'string' | 'enumeration' | 'list' ? never : MemoryOf<Type>)
  | (Type['kind'] extends 'timestamp' ? Float64Array : never);

/** Rows of an input; `undefined` for a bitmap, which only knows its bytes. */
export function rowsOf(type: ValueType, input: unknown): number | undefined {
  if (input instanceof Column || Array.isArray(input)) return input.length;
  if (type.kind === 'boolean') return undefined;
  if (type.kind === 'timestamp' && input instanceof Float64Array) return input.length;
  return ArrayBuffer.isView(input) ? (input as Values).length / type.width : undefined;
}

const MEMORY: Readonly<Record<string, unknown>> = {
  float64: Float64Array,
  float32: Float32Array,
  vector: Float32Array,
  int32: Int32Array,
  timestamp: Int32Array,
  boolean: Uint8Array,
};

/** A column of `length` rows. @throws MilongaError `MILONGA_FRAME_SHAPE` or `MILONGA_FRAME_VALUE`. */
export function columnFrom(name: string, type: ValueType, input: unknown, length: number): Column {
  const rows = rowsOf(type, input) ?? length;
  if (rows !== length || !Number.isInteger(rows)) {
    throw new MilongaError('MILONGA_FRAME_SHAPE', `Column "${name}" has ${rows} rows where ${length} are expected.`);
  }
  if (input instanceof Column) {
    if (input.type === type || describeType(input.type) === describeType(type)) return input;
    throw new MilongaError(
      'MILONGA_FRAME_SHAPE',
      `Column "${name}" should be ${describeType(type)}; it is ${describeType(input.type)}.`,
    );
  }
  if (Array.isArray(input)) {
    const builder = new ColumnBuilder(name, type, length);
    for (const value of input as readonly unknown[]) builder.push(value);
    return builder.finish();
  }
  if (type.kind === 'timestamp' && input instanceof Float64Array) return timestampsFrom(name, type, input);
  const memory = MEMORY[type.kind] as (new () => unknown) | undefined;
  if (memory === undefined || !(input instanceof memory)) {
    throw new MilongaError(
      'MILONGA_FRAME_SHAPE',
      `Column "${name}" cannot be made of ${describeFound(input)}: it is ${describeType(type)}.`,
    );
  }
  if (input instanceof Uint8Array && input.length < bitmapBytes(length)) {
    throw new MilongaError(
      'MILONGA_FRAME_SHAPE',
      `Column "${name}" is a bitmap of ${input.length} bytes; ${length} rows need ${bitmapBytes(length)}.`,
    );
  }
  return new Column(type, length, input as Values);
}

function timestampsFrom(name: string, type: ValueType, unixMs: Float64Array): Column {
  const words = newValues(type, unixMs.length) as Int32Array;
  for (let row = 0; row < unixMs.length; row += 1) {
    const at = unixMs[row]!;
    if (!Number.isSafeInteger(at)) {
      throw new MilongaError('MILONGA_FRAME_VALUE', `Column "${name}" takes whole Unix ms; found ${at} at row ${row}.`);
    }
    writeTimestamp(words, row, at);
  }
  return new Column(type, unixMs.length, words);
}
