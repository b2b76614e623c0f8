import { mkdirSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type ErrorCode, MilongaError, messageOf } from '@milonga/core';
import { type Database, type DatabaseOptions, open, type RootDatabase } from 'lmdb';
import { checkDataFile } from './data-file.ts';
import { stringKeys } from './keys.ts';
import { ReservedSpace } from './reserved-space.ts';
import { storageError } from './storage-errors.ts';

/**
 * What an acknowledged write survives.
 *
 * - `process-crash`: the end of every process, by `kill -9` too. A power cut may lose the newest writes.
 * - `power-loss`: a power cut too. Every commit waits for the disk.
 */
export type Durability = 'process-crash' | 'power-loss';

/** Keys and values are bytes nearly everywhere; each store has its own codec. */
export type Bytes = Database<Buffer, Uint8Array>;
/** A database whose keys are strings, in order of their UTF-8 bytes. */
export type BytesByName = Database<Buffer, string>;

/** The types of lmdb do not list `keyEncoder`, which its documentation does. */
const BY_NAME = { encoding: 'binary', keyEncoder: stringKeys } as DatabaseOptions;

interface OpenFile {
  readonly root: RootDatabase<Buffer, Uint8Array>;
  readonly databases: Map<string, Bytes | BytesByName>;
  readonly shared: Map<string, unknown>;
  readonly durability: Durability;
  readonly space: ReservedSpace;
  readonly readerCheck: NodeJS.Timeout;
  references: number;
  /** Reads within reads share a snapshot. */
  readDepth: number;
}

/** One per file and process: LMDB must not be opened twice by one process. */
const openFiles = new Map<string, OpenFile>();
/** Files that are closing; opening one of them again waits. */
const closing = new Map<string, Promise<void>>();
/** How often slots of readers that died are given back, so that they cannot hold old pages for ever. */
const READER_CHECK_MS = 30_000;

/** A handle on one LMDB file. Handles on one file share everything, and the last to close closes it. */
export class Environment {
  readonly path: string;
  readonly #file: OpenFile;
  readonly #unavailable: ErrorCode;
  #isOpen = true;

  private constructor(path: string, file: OpenFile, unavailable: ErrorCode) {
    this.path = path;
    this.#file = file;
    this.#unavailable = unavailable;
  }

  /**
   * Opens `<dir>/<name>.mdb`, making what is missing.
   *
   * @param unavailable Code of errors of the engine or the system that are neither a full disk nor corrupt data.
   */
  static async open(dir: string, name: string, durability: Durability, unavailable: ErrorCode): Promise<Environment> {
    try {
      mkdirSync(resolve(dir), { recursive: true });
      const path = join(realpathSync(resolve(dir)), `${name}.mdb`);
      for (let busy = closing.get(path); busy !== undefined; busy = closing.get(path)) await busy;
      const file = openFiles.get(path) ?? openFile(path, durability);
      if (durability === 'power-loss' && file.durability !== durability) throw weaker(path);
      openFiles.set(path, file);
      file.references += 1;
      return new Environment(path, file, unavailable);
    } catch (error) {
      throw inWords(error, join(dir, `${name}.mdb`), unavailable);
    }
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get durability(): Durability {
    return this.#file.durability;
  }

  /** A named database of the file; made when missing. */
  database(name: string): Bytes {
    return this.#database(name, () =>
      this.#file.root.openDB<Buffer, Uint8Array>(name, { encoding: 'binary', keyEncoding: 'binary' }),
    );
  }

  /** As {@link database}, with strings as keys. */
  databaseByName(name: string): BytesByName {
    return this.#database(name, () => this.#file.root.openDB<Buffer, string>(name, BY_NAME));
  }

  #database<D extends Bytes | BytesByName>(name: string, make: () => D): D {
    let database = this.#file.databases.get(name) as D | undefined;
    if (database === undefined) {
      this.writeNow(() => {}); // Reserves the space that a new database takes.
      database = this.#attempt(make);
      this.#file.databases.set(name, database);
    }
    return database;
  }

  /** An object that all handles on the file in this process share. */
  shared<T>(key: string, make: () => T): T {
    if (!this.#file.shared.has(key)) this.#file.shared.set(key, make());
    return this.#file.shared.get(key) as T;
  }

  /**
   * Runs `work` in one write transaction; resolved means durable. A throw in `work` undoes everything. `work` must be
   * synchronous, and change entries by {@link put} and {@link remove} alone; with `process-crash` it runs and commits
   * before this returns.
   */
  write<T>(work: () => T): Promise<T> {
    if (this.#file.durability === 'power-loss') {
      return this.#file.root
        .childTransaction(() => this.#within(work))
        .catch(async (error: unknown) => {
          throw inWords(await behind(error), this.path, this.#unavailable);
        });
    }
    try {
      return Promise.resolve(this.writeNow(work));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** As {@link write}, at once and on this thread. With `power-loss` it blocks until the disk has it. */
  writeNow<T>(work: () => T): T {
    return this.#attempt(() => this.#file.root.transactionSync(() => this.#within(work)));
  }

  #within<T>(work: () => T): T {
    this.#file.space.begin();
    return work();
  }

  /** Sets an entry; for the `work` of a transaction. `value` is copied. */
  put<K extends Uint8Array | string>(database: Database<Buffer, K>, key: K, value: Buffer): void {
    this.#file.space.use(value.length);
    void database.put(key, value);
  }

  /** Removes an entry, if it is there; for the `work` of a transaction. */
  remove<K extends Uint8Array | string>(database: Database<Buffer, K>, key: K): void {
    this.#file.space.use(0);
    void database.remove(key);
  }

  /**
   * Runs reads in one snapshot, putting errors of the engine into words. It is a new snapshot: the engine would keep one until
   * its timer fires, and another process may have told us meanwhile, by another file, of what it has written to this one.
   */
  read<T>(work: () => T): T {
    const file = this.#file;
    if (file.readDepth === 0) file.root.resetReadTxn();
    file.readDepth += 1;
    try {
      return this.#attempt(work);
    } finally {
      file.readDepth -= 1;
    }
  }

  #attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw inWords(error, this.path, this.#unavailable);
    }
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#file.references -= 1;
    if (this.#file.references > 0) return;
    openFiles.delete(this.path);
    clearInterval(this.#file.readerCheck);
    this.#file.space.close();
    const done = this.#file.root.close().finally(() => closing.delete(this.path));
    closing.set(this.path, done);
    await done;
  }
}

/**
 * Address space to map the file into. Whenever a file outgrows its map it is mapped again, and the maps before stay, so a file
 * that grows from nothing would count twice in this process's memory. Windows makes the file as large as its map.
 */
const MAP = process.platform === 'win32' ? {} : { mapSize: 16 * 1_024 ** 3 };

function openFile(path: string, durability: Durability): OpenFile {
  checkDataFile(path);
  const root = open<Buffer, Uint8Array>({
    path,
    noSubdir: true,
    maxDbs: 512,
    maxReaders: 512,
    encoding: 'binary',
    keyEncoding: 'binary',
    overlappingSync: false,
    eventTurnBatching: false,
    noSync: durability === 'process-crash',
    ...MAP,
  });
  const readerCheck = setInterval(() => root.readerCheck(), READER_CHECK_MS);
  readerCheck.unref();
  const { env } = root as unknown as Inner;
  const space = new ReservedSpace(path, env.stat().pageSize, () => env.info().lastPageNumber);
  return { root, databases: new Map(), shared: new Map(), durability, space, references: 0, readDepth: 0, readerCheck };
}

const weaker = (path: string): MilongaError =>
  new MilongaError(
    'MILONGA_STORAGE_INCOMPATIBLE',
    `"${path}" is open in this process with durability 'process-crash', and must not be opened with 'power-loss' beside it. Use one durability.`,
  );

/** Errors of the engine have a number, those of the system a name; anything else is a defect, and stays as it is. */
function inWords(error: unknown, path: string, unavailable: ErrorCode): unknown {
  const known = storageError(error, path);
  const code = (known as { readonly code?: unknown } | null)?.code;
  const isDefect = typeof code !== 'number' && (known as { readonly syscall?: unknown } | null)?.syscall === undefined;
  if (MilongaError.isInstance(known) || isDefect) return known;
  const message = `"${path}" cannot be used now: ${messageOf(error)}.`;
  return new MilongaError(unavailable, message, { cause: error, isRetryable: true });
}

/** What the types of lmdb leave out: numbers of its environment, which cost no transaction. */
interface Inner {
  readonly env: { info(): { readonly lastPageNumber: number }; stat(): { readonly pageSize: number } };
}

/** A failed commit of the write thread carries its reason as a promise that rejects. */
async function behind(error: unknown): Promise<unknown> {
  const reason = (error as { commitError?: Promise<never> } | null)?.commitError;
  if (reason === undefined) return error;
  try {
    await Promise.race([reason, new Promise((resolve) => setTimeout(resolve, 1_000).unref())]);
    return error;
  } catch (cause) {
    return cause;
  }
}
