import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TEMPORARY } from './publish-file.ts';

/** Nothing that is being written is that old. */
const ABANDONED_MS = 24 * 3_600_000;

/** Removes what crashed processes left in a store's folder of temporary files. */
export async function sweepTemporary(root: string): Promise<void> {
  const folder = join(root, TEMPORARY);
  const before = Date.now() - ABANDONED_MS;
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const { mtimeMs } = (await stat(path).catch(() => undefined)) ?? {};
    if (mtimeMs !== undefined && mtimeMs < before && !isAlive(name)) await rm(path, { recursive: true, force: true });
  }
}

/** Names begin with the id of their process, or with what it is and then the id. */
function isAlive(name: string): boolean {
  const id = Number(/^(?:[a-z]+-)?(\d+)-/.exec(name)?.[1]);
  if (!Number.isInteger(id)) return false;
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
