import { type ErrorCode, type LakeTable, MilongaError } from '@milonga/core';
import { type ColumnRecord, isStoredAlike, recordOf } from './column-record.ts';
import type { TableState } from './table-state.ts';

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,99}$/;

const invalid = (message: string): MilongaError => new MilongaError('MILONGA_DEFINITION_INVALID', message);

/** @throws MilongaError `MILONGA_DEFINITION_INVALID` for a table that no engine could keep. */
export function checkTable({ name, fields, partitionBy }: LakeTable): void {
  if (!NAME.test(name)) {
    throw invalid(
      `"${name}" cannot name a table of the lake: a name is a letter, then at most 99 letters, digits and "_".`,
    );
  }
  const type = fields[partitionBy];
  if (type?.kind !== 'timestamp' || type.isNullable) {
    throw invalid(
      `Table "${name}" is partitioned by "${partitionBy}", which must be one of its fields, a timestamp, and not nullable.`,
    );
  }
  const known = new Map<string, string>();
  for (const field of Object.keys(fields)) {
    const other = known.get(field.toLowerCase());
    if (other !== undefined)
      throw invalid(`Table "${name}" has the fields "${other}" and "${field}"; SQL does not tell such names apart.`);
    known.set(field.toLowerCase(), field);
  }
}

/**
 * The columns of a table after a definition: those it has, then the new ones; `undefined` when nothing is new. Columns
 * that are added later are nullable, since older rows have nothing there; others become nullable when a definition says so.
 *
 * @throws MilongaError `MILONGA_STORAGE_INCOMPATIBLE` when a column has another type, or the partition column is another.
 */
export function columnsAfter(state: TableState, table: LakeTable): readonly ColumnRecord[] | undefined {
  const { name, fields, partitionBy } = table;
  const wanted = Object.entries(fields).map(([field, type]) => recordOf(field, type));
  if (!state.exists) return wanted;
  if (state.partitionBy !== partitionBy) {
    throw new MilongaError(
      'MILONGA_STORAGE_INCOMPATIBLE',
      `Table "${name}" is partitioned by "${state.partitionBy}"; it cannot be by "${partitionBy}". Use another table.`,
    );
  }
  const columns = [...state.columns];
  for (const column of wanted) {
    const slot = columns.findIndex(({ name: known }) => known.toLowerCase() === column.name.toLowerCase());
    const before = columns[slot];
    if (before === undefined) columns.push({ ...column, isNullable: true });
    else if (!isStoredAlike(before, column)) {
      throw new MilongaError(
        'MILONGA_STORAGE_INCOMPATIBLE',
        `Table "${name}" has the column "${before.name}" of kind ${before.kind}; it cannot become "${column.name}" of kind ${column.kind}. Give the new column another name.`,
      );
    } else if (column.isNullable === true) columns[slot] = column;
  }
  return JSON.stringify(columns) === JSON.stringify(state.columns) ? undefined : columns;
}

/** The error for a table that nobody declared. */
export const unknownTable = (name: string, code: ErrorCode): MilongaError =>
  new MilongaError(code, `The lake has no table "${name}". Call ensureTables with it first.`);

/** @throws MilongaError `MILONGA_DEFINITION_INVALID` when a table has another's name as SQL sees it. */
export function checkSameName(known: string, name: string): void {
  if (known !== name)
    throw invalid(`Tables "${known}" and "${name}" differ only in case, which SQL does not see. Rename one.`);
}
