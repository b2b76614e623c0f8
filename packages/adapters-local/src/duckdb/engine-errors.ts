import { MilongaError, messageOf } from '@milonga/core';
import { storageError } from '../environment/storage-errors.ts';

/** True when a statement was interrupted. */
export const isInterruption = (error: unknown): boolean => /^INTERRUPT Error/i.test(messageOf(error));

/** True when a file that a statement reads is not there: it was merged into another and removed in the meantime. */
export const isMissingFile = (error: unknown): boolean =>
  /^IO Error: .*(No files found|Cannot open file|No such file)/is.test(messageOf(error));

/** What DuckDB said, in one paragraph: its message, and the line of SQL with a mark under the place. */
const said = (error: unknown): string => messageOf(error).replace(/\n\n+/g, '\n').trim();

/** The error for a statement that DuckDB refused or gave up. The message carries the place in the SQL. */
export function queryError(error: unknown): unknown {
  const known = storageError(error, 'A temporary file of a query');
  if (MilongaError.isInstance(known)) return known;
  const hint = /^Out of Memory Error/i.test(messageOf(error))
    ? ' Raise `memoryLimitMiB` of the lake, or read less at once.'
    : '';
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
