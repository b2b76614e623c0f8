import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { throwIfAborted } from '@milonga/core';
import { corrupt } from '../environment/storage-errors.ts';

/** So that a large artifact can be given up while it is read. */
const READ_BYTES = 16 * 1024 * 1024;

/** The bytes of a file, or of a range clipped to it; `undefined` for what is no file. Symbolic links are not followed. */
export async function readRange(
  path: string,
  range: { readonly start: number; readonly end: number } | undefined,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    const found = await file.stat();
    if (!found.isFile()) return undefined;
    const { size } = found;
    const start = Math.min(size, Math.max(0, range?.start ?? 0));
    const end = Math.max(start, Math.min(size, range?.end ?? size));
    const bytes = new Uint8Array(end - start);
    for (let done = 0; done < bytes.length; ) {
      throwIfAborted(signal, 'The artifact store');
      const { bytesRead } = await file.read(bytes, done, Math.min(bytes.length - done, READ_BYTES), start + done);
      if (bytesRead === 0) throw corrupt(path, `it ends at byte ${start + done} of ${size}`);
      done += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}
