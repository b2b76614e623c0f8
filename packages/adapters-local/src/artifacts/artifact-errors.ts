import { MilongaError, messageOf } from '@milonga/core';
import { corrupt, storageError } from '../environment/storage-errors.ts';

/** The error for a part of a name that could lead anywhere. */
export const symbolicLink = (what: string, cause?: unknown): MilongaError =>
  corrupt(what, 'it is a symbolic link, which an artifact store does not follow', cause);

/** No such file; or a part of the name is a file, or its last part a folder. */
export const isAbsent = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(String((error as { code?: unknown } | null)?.code));

/** What went wrong, in Milonga's words. */
export function failure(error: unknown, what: string): unknown {
  if ((error as NodeJS.ErrnoException | null)?.code === 'ELOOP') return symbolicLink(what, error);
  const known = storageError(error, what);
  if (MilongaError.isInstance(known)) return known;
  return new MilongaError('MILONGA_ARTIFACT_STORE_UNAVAILABLE', `${what} cannot be reached: ${messageOf(error)}.`, {
    cause: error,
    isRetryable: true,
  });
}
