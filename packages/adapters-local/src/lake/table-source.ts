import { join } from 'node:path';
import { queriedType } from '../duckdb/column-types.ts';
import { duckDialect } from '../duckdb/duck-dialect.ts';
import { type ColumnRecord, typeOfRecord } from './column-record.ts';
import type { FileRecord } from './log-entry.ts';

/** A text in quotes. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** How {@link tableSource} gives the columns. */
export type SourceForm =
  /** As queries see them. */
  | 'queried'
  /** As files have them. */
  | 'stored';

/**
 * SQL that reads files of a table. Columns that are younger than a file are null in it. Files are read with the columns
 * that the log says they have, so that no file needs to be opened to find that out.
 */
export function tableSource(
  folder: string,
  columns: readonly ColumnRecord[],
  files: Iterable<FileRecord>,
  form: SourceForm,
): string {
  const byColumns = new Map<number, string[]>();
  for (const file of files) {
    const paths = byColumns.get(file.columns) ?? [];
    byColumns.set(file.columns, paths);
    paths.push(literal(join(folder, file.path)));
  }
  if (byColumns.size === 0)
    return `SELECT ${columns.map((column) => expressionOf(column, false, form)).join(', ')} WHERE false`;
  return [...byColumns]
    .map(([count, paths]) => {
      const expressions = columns.map((column, at) => expressionOf(column, at < count, form));
      return `SELECT ${expressions.join(', ')} FROM read_parquet([${paths.join(', ')}], hive_partitioning = false)`;
    })
    .join(' UNION ALL ');
}

function expressionOf(column: ColumnRecord, isThere: boolean, form: SourceForm): string {
  const name = duckDialect.identifier(column.name);
  const type = typeOfRecord(column);
  const sql = form === 'stored' && type.kind === 'vector' ? 'FLOAT[]' : queriedType(type);
  if (!isThere) return `CAST(NULL AS ${sql}) AS ${name}`;
  return form === 'queried' && type.kind === 'vector' ? `CAST(${name} AS ${sql}) AS ${name}` : name;
}
