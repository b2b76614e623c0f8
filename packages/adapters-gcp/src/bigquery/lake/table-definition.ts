import { type ErrorCode, type LakeTable, MilongaError } from '@milonga/core';

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,99}$/;
const COLUMN =
  /^(?!_TABLE_|_FILE_|_PARTITION|_ROW_TIMESTAMP|__ROOT__|_COLIDENTIFIER)[^!"$()*,./;?@[\\\]^`{}~]{1,300}$/i;

const invalid = (message: string): MilongaError => new MilongaError('MILONGA_DEFINITION_INVALID', message);

/** @throws MilongaError `MILONGA_DEFINITION_INVALID` for a table that BigQuery could not keep. */
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
    if (!COLUMN.test(field)) {
      throw invalid(
        `Table "${name}" has the field "${field}", which BigQuery does not take as the name of a column. Rename it, best to letters, digits and "_".`,
      );
    }
    const other = known.get(field.toLowerCase());
    if (other !== undefined)
      throw invalid(`Table "${name}" has the fields "${other}" and "${field}"; SQL does not tell such names apart.`);
    known.set(field.toLowerCase(), field);
  }
}

/** The error for a table that nobody declared. */
export const unknownTable = (name: string, code: ErrorCode): MilongaError =>
  new MilongaError(code, `The lake has no table "${name}". Call ensureTables with it first.`);

/** @throws MilongaError `MILONGA_DEFINITION_INVALID` when a table has another's name as SQL sees it. */
export function checkSameName(known: string, name: string): void {
  if (known !== name)
    throw invalid(`Tables "${known}" and "${name}" differ only in case, which SQL does not see. Rename one.`);
}
