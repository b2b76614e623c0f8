import { type Column, MilongaError } from '@milonga/core';

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
