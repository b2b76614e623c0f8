import { type Column, MilongaError } from '@milonga/core';

// A loop per sort of typed array: one loop over three sorts would be polymorphic, and about twice as slow.

function addFloat64(values: Float64Array, weight: number, selection: Int32Array, into: Float64Array): void {
  for (let at = 0; at < selection.length; at += 1) into[at]! += weight * values[selection[at]!]!;
}
function addFloat32(values: Float32Array, weight: number, selection: Int32Array, into: Float64Array): void {
  for (let at = 0; at < selection.length; at += 1) into[at]! += weight * values[selection[at]!]!;
}
function addInt32(values: Int32Array, weight: number, selection: Int32Array, into: Float64Array): void {
  for (let at = 0; at < selection.length; at += 1) into[at]! += weight * values[selection[at]!]!;
}

/** `into[at] += weight * column[selection[at]]`; null makes the sum NaN. @throws MilongaError for a column of no numbers. */
export function addScaled(
  name: string,
  column: Column,
  weight: number,
  selection: Int32Array,
  into: Float64Array,
): void {
  const { kind } = column.type;
  const isPlain = column.validity === undefined;
  if (isPlain && kind === 'float64') addFloat64(column.values as Float64Array, weight, selection, into);
  else if (isPlain && kind === 'float32') addFloat32(column.values as Float32Array, weight, selection, into);
  else if (isPlain && kind === 'int32') addInt32(column.values as Int32Array, weight, selection, into);
  else {
    const numbers = numbersOf(name, column, selection);
    for (let at = 0; at < numbers.length; at += 1) into[at]! += weight * numbers[at]!;
  }
}

/** The selected values as numbers: null is NaN, booleans are 0 and 1, timestamps Unix ms. */
export function numbersOf(name: string, column: Column, selection: Int32Array): Float64Array {
  const { kind } = column.type;
  const numbers = new Float64Array(selection.length);
  if (column.validity === undefined && (kind === 'float64' || kind === 'float32' || kind === 'int32')) {
    addScaled(name, column, 1, selection, numbers);
    return numbers;
  }
  if (!NUMERIC.has(kind)) {
    throw new MilongaError(
      'MILONGA_FRAME_SHAPE',
      `Column "${name}" is ${kind}; numbers are asked of float64, float32, int32, timestamp and boolean columns.`,
    );
  }
  for (let at = 0; at < selection.length; at += 1) {
    const value = column.at(selection[at]!) as number | boolean | null;
    numbers[at] = value === null ? Number.NaN : Number(value);
  }
  return numbers;
}

const NUMERIC: ReadonlySet<string> = new Set(['float64', 'float32', 'int32', 'timestamp', 'boolean']);
