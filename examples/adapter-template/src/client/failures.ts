import { type ErrorCode, MilongaError } from '@milonga/core';

/** Result codes of SQLite, https://www.sqlite.org/rescode.html */
const FULL = 13;
const CORRUPT: readonly number[] = [11, 26];

/** What SQLite threw, as the port's contract names it. */
export function failureOf(cause: unknown, unavailable: ErrorCode, what: string): MilongaError {
  if (MilongaError.isInstance(cause)) return cause;
  const { errcode = 0, message = String(cause) } = cause as { errcode?: number; message?: string };
  const code = errcode & 0xff; // the rest tells the kind of an input or output error
  if (code === FULL)
    return new MilongaError('MILONGA_STORAGE_FULL', `${what}: the disk is full.`, { cause, isRetryable: true });
  if (CORRUPT.includes(code)) return new MilongaError('MILONGA_STORAGE_CORRUPT', `${what}: ${message}`, { cause });
  return new MilongaError(unavailable, `${what}: SQLite refused it (${message}). Retry.`, { cause, isRetryable: true });
}
