import { MilongaError, messageOf } from '@milonga/core';
import { storageError } from '../environment/storage-errors.ts';

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/^Out of Memory Error/i, ' Raise `memoryLimitMiB` of the lake, or read less at once.'],
  [
    /^IO Error: .*(No files found|No such file)/is,
    ' The file was merged into another and removed: run the query again, or raise `keepReplacedMs` for queries that take that long.',
  ],
];

/** What DuckDB said, in one paragraph: its message, and the line of SQL with a mark under the place. */
const said = (error: unknown): string => messageOf(error).replace(/\n\n+/g, '\n').trim();

/** The error for a statement that DuckDB refused or gave up. The message carries the place in the SQL. */
export function queryError(error: unknown): unknown {
  const known = storageError(error, 'A temporary file of a query');
  if (MilongaError.isInstance(known)) return known;
  const hint = HINTS.find(([pattern]) => pattern.test(messageOf(error)))?.[1] ?? '';
  return new MilongaError('MILONGA_LAKE_QUERY_FAILED', `The lake refused a query. ${said(error)}${hint}`, {
    cause: error,
  });
}

/** The error for a batch that could not be written. */
export function appendError(error: unknown, table: string): unknown {
  const known = storageError(error, `A batch of table "${table}"`);
  if (MilongaError.isInstance(known)) return known;
  return new MilongaError(
    'MILONGA_LAKE_APPEND_FAILED',
    `A batch of table "${table}" could not be written; nothing of it is visible. ${said(error)}`,
    {
      cause: error,
      isRetryable: true,
    },
  );
}
