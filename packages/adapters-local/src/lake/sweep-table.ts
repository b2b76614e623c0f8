import { readdir, stat, unlink } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { LakeFiles } from './lake-files.ts';
import type { TableLog } from './table-log.ts';

/**
 * Deletes files that were replaced longer than `graceMs` ago, and files that no entry of the log has ever named, which
 * are what crashes leave behind. The log says so first: a writer that was asleep then knows that its file is gone.
 *
 * Age is real time, whatever time events live in: it protects work that runs now.
 */
export async function sweepTable(log: TableLog, files: LakeFiles, graceMs: number): Promise<void> {
  const before = Date.now() - graceMs;
  const found = await orphans(log, before);
  let swept: readonly string[] = [];
  await log.commit((state) => {
    const replaced = [...state.removed].flatMap(([path, at]) => (at <= before ? [path] : []));
    swept = [...replaced, ...found.filter((path) => !state.files.has(path) && !state.removed.has(path))];
    return swept.length === 0 ? undefined : { kind: 'sweep', paths: swept };
  });
  for (const path of swept) await unlink(files.pathOf(log.state.name, path)).catch(() => undefined); // an orphan next time
}

/** Parquet files of the table's folder that are old and that nobody knows. */
async function orphans(log: TableLog, before: number): Promise<readonly string[]> {
  const { files, removed } = log.refresh();
  const paths = await readdir(log.path, { recursive: true });
  const unknown: string[] = [];
  for (const found of paths) {
    const path = sep === '/' ? found : found.replaceAll(sep, '/');
    if (!path.endsWith('.parquet') || files.has(path) || removed.has(path) || log.pending.has(path)) continue;
    const { mtimeMs } = (await stat(join(log.path, found)).catch(() => undefined)) ?? {};
    if (mtimeMs !== undefined && mtimeMs < before) unknown.push(path);
  }
  return unknown;
}
