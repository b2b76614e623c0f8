import { mkdirSync, realpathSync } from 'node:fs';
import { lstat, rmdir, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import {
  type ArtifactInfo,
  type ArtifactStore,
  artifactNameTaken,
  checkArtifactName,
  throwIfAborted,
} from '@milonga/core';
import type { Durability } from '../environment/environment.ts';
import { closed } from '../environment/storage-errors.ts';
import { publishFile, TEMPORARY } from '../files/publish-file.ts';
import { sweepTemporary } from '../files/sweep-temporary.ts';
import { failure, isAbsent, symbolicLink } from './artifact-errors.ts';
import { listFiles } from './list-files.ts';
import { readRange } from './read-range.ts';

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
      if (!isFirst && (await lstat(path).catch(() => undefined))?.isDirectory()) throw artifactNameTaken(name);
      return isFirst;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') throw artifactNameTaken(name);
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
      for await (const info of listFiles(this.#root, '', prefix)) {
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
