import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identifyProcess, isRunning, parseIdentity } from './process-identity.ts';

/** How a lock is waited for. */
export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told once, when the lock is found taken, with the process id of the holder. */
  readonly onWait?: (holder: number) => void;
}

const pollMs = 100;

/**
 * Runs the work while no other process holds the lock of that path; a lock whose holder has died is taken over.
 *
 * @example await withLock('.milonga/services/kafka.lock', () => startKafka());
 */
export async function withLock<Result>(
  path: string,
  work: () => Promise<Result>,
  options: LockOptions = {},
): Promise<Result> {
  await takeLock(path, options);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function takeLock(path: string, { signal, onWait }: LockOptions): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const mine = `${path}.${randomUUID()}`;
  await writeFile(mine, JSON.stringify(await identifyProcess(process.pid)));
  try {
    for (let told = false; !(await linked(mine, path)); await delay(pollMs, undefined, { signal })) {
      const holder = await livingHolder(path);
      if (holder !== undefined && !told) onWait?.(holder);
      told ||= holder !== undefined;
    }
  } finally {
    await rm(mine, { force: true });
  }
}

/** A link appears with its content, or not at all: nobody reads a lock half written. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The living holder's process id; a dead holder's lock is put out of the way. */
async function livingHolder(path: string): Promise<number | undefined> {
  const holder = await holderOf(path);
  if (holder === 'gone') return undefined;
  if (holder !== undefined && (await isRunning(holder))) return holder.pid;
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  // Another process may have taken the dead one's lock over in the meantime: then it is given back.
  const moved = await holderOf(aside);
  if (moved !== undefined && moved !== 'gone' && (await isRunning(moved))) await linked(aside, path);
  await rm(aside, { force: true });
  return undefined;
}

async function holderOf(path: string): Promise<ReturnType<typeof parseIdentity> | 'gone'> {
  try {
    return parseIdentity(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'gone';
    throw error;
  }
}
