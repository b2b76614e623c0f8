import { MilongaError, messageOf } from '@milonga/core';

const FULL = /ENOSPC|EDQUOT|EFBIG|MDB_MAP_FULL|MDB_PROBLEM|No space left|File too large|quota exceeded/i;
const CORRUPT = /MDB_CORRUPTED|MDB_PAGE_NOTFOUND|MDB_INVALID|MDB_PANIC|not an LMDB file|page has wrong type/i;

/**
 * Error numbers of the systems LMDB runs on: ENOSPC, EFBIG, EDQUOT (Linux, macOS), and EIO, by which LMDB means that the
 * system took only a part of what it was given to write.
 */
const FULL_NUMBERS = new Set([28, 27, 122, 69, 5]);
/** MDB_MAP_FULL. */
const MAP_FULL = -30792;
/** MDB_PAGE_NOTFOUND, MDB_CORRUPTED, MDB_PANIC, MDB_INVALID. */
const CORRUPT_NUMBERS = new Set([-30797, -30796, -30795, -30793]);

/**
 * Puts an error of LMDB or of the file system into Milonga's words; what is one of ours already stays as it is, and what
 * is neither a full nor a corrupt store is passed on unchanged.
 */
export function storageError(error: unknown, what: string): unknown {
  if (MilongaError.isInstance(error)) return error;
  const code = (error as { code?: unknown } | null)?.code;
  const text = `${messageOf(error)} ${String(code ?? '')}`;
  if (FULL.test(text) || code === MAP_FULL || (typeof code === 'number' && FULL_NUMBERS.has(code))) {
    return new MilongaError(
      'MILONGA_STORAGE_FULL',
      `${what} could not be written: the disk or quota is full (${messageOf(error).split(':', 1)[0]}). What was acknowledged is safe; free space, then retry.`,
      { cause: error, isRetryable: true },
    );
  }
  if (CORRUPT.test(text) || (typeof code === 'number' && CORRUPT_NUMBERS.has(code))) {
    return corrupt(what, messageOf(error), error);
  }
  return error;
}

/** The error for stored bytes that make no sense. */
export const corrupt = (what: string, found: string, cause?: unknown): MilongaError =>
  new MilongaError(
    'MILONGA_STORAGE_CORRUPT',
    `${what} cannot be decoded: ${found}. Restore it from a backup, or remove it to begin anew.`,
    { cause },
  );

/** The error for a call after close. */
export const closed = (what: string): MilongaError =>
  new MilongaError('MILONGA_CLOSED', `The ${what} was used after it was closed.`);
