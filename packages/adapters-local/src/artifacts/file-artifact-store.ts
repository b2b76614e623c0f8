import { constants, mkdirSync, realpathSync } from 'node:fs';
import { lstat, open, readdir, rmdir, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type ArtifactInfo, type ArtifactStore, MilongaError, messageOf, throwIfAborted } from '@milonga/core';
import type { Durability } from '../environment/environment.ts';
import { closed, corrupt, storageError } from '../environment/storage-errors.ts';
import { publishFile, TEMPORARY } from '../files/publish-file.ts';
import { sweepTemporary } from '../files/sweep-temporary.ts';
import { checkArtifactName, isArtifactPart, nameTaken } from './artifact-name.ts';

/** Where and how a {@link FileArtifactStore} keeps its files. */
export interface FileArtifactStoreOptions {
  /** Directory of the artifacts; made when missing. Any number of processes may use one. */
  readonly dir: string;
  /** What an acknowledged artifact survives. Default: 'process-crash'. */
  readonly durability?: Durability;
}

/**
 * Artifacts as files, each under its name: to be looked at, copied and backed up with any tool. A file appears whole and
 * never changes. Names never lead out of the directory, through symbolic links neither.
 *
 * @example
 * ```ts
 * const artifacts = await FileArtifactStore.open({ dir: '.milonga/artifacts' });
 * ```
 */
export class FileArtifactStore implements ArtifactStore {
  readonly #root: string;
  readonly #durability: Durability;
  #isOpen = true;

  private constructor(root: string, durability: Durability) {
    this.#root = root;
    this.#durability = durability;
  }

  /** Opens a store, making what is missing. */
  static async open({ dir, durability = 'process-crash' }: FileArtifactStoreOptions): Promise<FileArtifactStore> {
    try {
      mkdirSync(join(resolve(dir), TEMPORARY), { recursive: true });
      const root = realpathSync(resolve(dir));
      await sweepTemporary(root);
      return new FileArtifactStore(root, durability);
    } catch (error) {
      throw failure(error, dir);
    }
  }

  async putIfAbsent(
    name: string,
    bytes: Uint8Array,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<boolean> {
    const path = this.#begin(name, options.signal);
    try {
      await this.#checkFolders(name);
      const isFirst = await publishFile(this.#root, path, bytes, this.#durability);
      if (!isFirst && (await lstat(path).catch(() => undefined))?.isDirectory()) throw nameTaken(name);
      return isFirst;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') throw nameTaken(name);
      throw failure(error, `The artifact "${name}"`);
    }
  }

  async get(
    name: string,
    options: { readonly range?: { readonly start: number; readonly end: number }; readonly signal?: AbortSignal } = {},
  ): Promise<Uint8Array | undefined> {
    const path = this.#begin(name, options.signal);
    try {
      await this.#checkFolders(name);
      return await readRange(path, options.range, options.signal);
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw failure(error, `The artifact "${name}"`);
    }
  }

  async *list(prefix: string, options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<ArtifactInfo> {
    this.#begin(undefined, options.signal);
    try {
      for await (const info of this.#walk('', prefix)) {
        yield info;
        this.#begin(undefined, options.signal);
      }
    } catch (error) {
      throw failure(error, 'The list of artifacts');
    }
  }

  async remove(name: string): Promise<void> {
    const path = this.#begin(name, undefined);
    try {
      await this.#checkFolders(name);
      if ((await lstat(path)).isFile()) await unlink(path);
      await this.#removeEmptyFolders(dirname(path));
    } catch (error) {
      if (!isAbsent(error)) throw failure(error, `The artifact "${name}"`);
    }
  }

  close(): void {
    this.#isOpen = false;
  }

  /** Checks a call, and gives the path of a name. */
  #begin(name: string | undefined, signal: AbortSignal | undefined): string {
    if (!this.#isOpen) throw closed('artifact store');
    throwIfAborted(signal, 'The artifact store');
    if (name !== undefined) checkArtifactName(name);
    return join(this.#root, name ?? '');
  }

  /** @throws MilongaError `MILONGA_STORAGE_CORRUPT` when a folder of the name is a symbolic link, which could lead anywhere. */
  async #checkFolders(name: string): Promise<void> {
    for (let slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
      const folder = join(this.#root, name.slice(0, slash));
      const found = await lstat(folder).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      if (found === undefined) return;
      if (found.isSymbolicLink()) throw symbolicLink(folder);
    }
  }

  /** Names in byte order: that of `a/b` lies between those of `a-b` and `a0`, so folders are sorted as if they ended in a slash. */
  async *#walk(folder: string, prefix: string): AsyncGenerator<ArtifactInfo> {
    const entries = await readdir(join(this.#root, folder), { withFileTypes: true }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        throw error;
      },
    );
    const names = entries
      .filter((entry) => (entry.isFile() || entry.isDirectory()) && isArtifactPart(entry.name))
      .map((entry) => `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`)
      .filter((name) => name.startsWith(prefix) || (name.endsWith('/') && prefix.startsWith(name)))
      .sort((left, right) => (left < right ? -1 : 1));
    for (const name of names) {
      if (name.endsWith('/')) yield* this.#walk(name, prefix);
      else {
        const found = await lstat(join(this.#root, name)).catch(() => undefined);
        if (found !== undefined) yield { name, bytes: found.size };
      }
    }
  }

  async #removeEmptyFolders(folder: string): Promise<void> {
    for (let at = folder; at !== this.#root; at = dirname(at)) {
      try {
        await rmdir(at);
      } catch {
        return; // it is not empty
      }
    }
  }
}

async function readRange(
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

/** So that a large artifact can be given up while it is read. */
const READ_BYTES = 16 * 1024 * 1024;

const symbolicLink = (what: string, cause?: unknown): MilongaError =>
  corrupt(what, 'it is a symbolic link, which an artifact store does not follow', cause);

/** No such file; or a part of the name is a file, or its last part a folder. */
const isAbsent = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(String((error as { code?: unknown } | null)?.code));

function failure(error: unknown, what: string): unknown {
  if ((error as NodeJS.ErrnoException | null)?.code === 'ELOOP') return symbolicLink(what, error);
  const known = storageError(error, what);
  if (MilongaError.isInstance(known)) return known;
  return new MilongaError('MILONGA_ARTIFACT_STORE_UNAVAILABLE', `${what} cannot be reached: ${messageOf(error)}.`, {
    cause: error,
    isRetryable: true,
  });
}
