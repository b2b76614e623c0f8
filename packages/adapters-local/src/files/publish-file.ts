import { randomBytes } from 'node:crypto';
import { link, lstat, mkdir, open, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Durability } from '../environment/environment.ts';

/** Folder, in a store's directory, of files that are being written. Nothing in it is of worth after a crash. */
export const TEMPORARY = '~temporary';

/** A name that no other writer has. */
export const uniqueName = (): string => `${process.pid}-${randomBytes(8).toString('hex')}`;

/**
 * Makes a file that is whole from its first moment, unless one of its name exists: the bytes are written aside, then
 * linked into place, which the operating system does for one of any number of racing callers.
 *
 * @param root directory of the store, on the same file system.
 * @returns true when this call made the file.
 */
export async function publishFile(
  root: string,
  path: string,
  bytes: Uint8Array | string,
  durability: Durability,
): Promise<boolean> {
  if (await exists(path)) return false; // spares the bytes; who decides is the link
  const aside = join(root, TEMPORARY, uniqueName());
  try {
    await write(aside, bytes, durability);
    return await linked(aside, path, root, durability);
  } finally {
    await unlink(aside).catch(() => undefined); // swept later
  }
}

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

async function write(path: string, bytes: Uint8Array | string, durability: Durability): Promise<void> {
  const file = await open(path, 'wx').catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    await mkdir(dirname(path), { recursive: true });
    return open(path, 'wx');
  });
  try {
    await file.writeFile(bytes);
    if (durability === 'power-loss') await file.sync();
  } finally {
    await file.close();
  }
}

async function linked(aside: string, path: string, root: string, durability: Durability): Promise<boolean> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await link(aside, path);
      if (durability === 'power-loss') await syncFolders(dirname(path), root);
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') return false;
      if (code !== 'ENOENT' || attempt >= 3) throw error; // somebody may remove an empty folder at the same moment
      await mkdir(dirname(path), { recursive: true });
    }
  }
}

/** Makes a file that something else wrote survive a power cut, with its name. */
export async function syncFile(path: string, root: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await syncFolders(dirname(path), root);
}

/** Names live in folders: each up to the root is synced, since any of them may be new. */
async function syncFolders(folder: string, root: string): Promise<void> {
  for (let at = folder; at.length >= root.length; at = dirname(at)) {
    const handle = await open(at, 'r');
    try {
      await handle.sync();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPERM' && (error as NodeJS.ErrnoException).code !== 'EINVAL')
        throw error; // no such thing there
    } finally {
      await handle.close();
    }
  }
}
