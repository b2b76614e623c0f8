import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ArtifactInfo, isArtifactNamePart } from '@milonga/core';

/**
 * Files below a folder of `root` whose names begin with `prefix`, in byte order: that of `a/b` lies between those of `a-b`
 * and `a0`, so folders are sorted as if they ended in a slash.
 */
export async function* listFiles(root: string, folder: string, prefix: string): AsyncGenerator<ArtifactInfo> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const names = entries
    .filter((entry) => (entry.isFile() || entry.isDirectory()) && isArtifactNamePart(entry.name))
    .map((entry) => `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`)
    .filter((name) => name.startsWith(prefix) || (name.endsWith('/') && prefix.startsWith(name)))
    .sort((left, right) => (left < right ? -1 : 1));
  for (const name of names) {
    if (name.endsWith('/')) yield* listFiles(root, name, prefix);
    else {
      const found = await lstat(join(root, name)).catch(() => undefined);
      if (found !== undefined) yield { name, bytes: found.size };
    }
  }
}
