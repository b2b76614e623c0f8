import { type Column, MilongaError, readTimestamp } from '@milonga/core';

/** The numbers of a column: int32, floats, booleans as 0 and 1, timestamps as Unix ms; NaN for null. A float64 column without nulls is not copied. */
export function numbersOf(column: Column): Float64Array {
  const { values, length, validity, type } = column;
  if (values instanceof Float64Array && validity === undefined && type.kind === 'float64')
    return values.subarray(0, length);
  const numbers = new Float64Array(length);
  switch (type.kind) {
    case 'boolean':
      for (let row = 0; row < length; row += 1) numbers[row] = (values[row >> 3]! >> (row & 7)) & 1;
      break;
    case 'timestamp':
      for (let row = 0; row < length; row += 1) numbers[row] = readTimestamp(values as Int32Array, row);
      break;
    case 'int32':
    case 'float32':
    case 'float64':
      for (let row = 0; row < length; row += 1) numbers[row] = values[row]!;
      break;
    default:
      throw new MilongaError(
        'MILONGA_MODEL_INCOMPATIBLE',
        `A ranker reads numbers; it was given a column of ${type.kind}.`,
      );
  }
  if (validity !== undefined)
    for (let row = 0; row < length; row += 1) if (column.isNull(row)) numbers[row] = Number.NaN;
  return numbers;
}

/** The values of a column as texts by which they are known in a weights file, by code where it has a dictionary. */
export interface TextColumn {
  textOf(row: number): string | undefined;
  /** Equal numbers, equal texts; -1 for null. */
  keyOf(row: number): number;
}

/** Strings and enumerations by their code, int32 by themselves. */
export function textsOf(column: Column): TextColumn {
  const { values, dictionary, type } = column;
  if (dictionary !== undefined && column.offsets === undefined) {
    return {
      textOf: (row) => (column.isNull(row) ? undefined : dictionary.at(values[row]!)),
      keyOf: (row) => (column.isNull(row) ? -1 : values[row]!),
    };
  }
  if (type.kind === 'int32') {
    return {
      textOf: (row) => (column.isNull(row) ? undefined : String(values[row])),
      keyOf: () => -1,
    };
  }
  throw new MilongaError(
    'MILONGA_MODEL_INCOMPATIBLE',
    `A ranker reads categories from strings, enumerations and int32; it was given ${type.kind}.`,
  );
}
