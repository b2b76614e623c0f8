import { MilongaError } from '@milonga/core';
import type { SqliteDatabase, SqliteOptions } from '../sqlite-options.ts';

/** A database that somebody uses, until they give it back. */
export interface TakenDatabase {
  readonly database: SqliteDatabase;
  readonly release: () => void;
}

/** One database for all ports of an adapter: opened when the first is needed, closed when the last is released. */
export class SharedDatabase {
  readonly #options: SqliteOptions;
  #opened: Promise<SqliteDatabase> | undefined;
  #users = 0;

  constructor(options: SqliteOptions) {
    if (options.file !== undefined && options.database !== undefined) {
      throw new MilongaError(
        'MILONGA_DEFINITION_INVALID',
        'Options of the SQLite adapter: `file` and `database` were given; give one of them.',
      );
    }
    this.#options = options;
  }

  /** @throws MilongaError `MILONGA_WIRING_CREATE_FAILED` when SQLite is not there or the file cannot be opened. */
  async take(): Promise<TakenDatabase> {
    this.#users += 1;
    this.#opened ??= open(this.#options);
    try {
      const database = await this.#opened;
      let isTaken = true;
      const release = (): void => {
        if (!isTaken) return;
        isTaken = false;
        this.#leave(database);
      };
      return { database, release };
    } catch (error) {
      this.#users -= 1;
      this.#opened = undefined;
      throw error;
    }
  }

  #leave(database: SqliteDatabase): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    this.#opened = undefined;
    if (this.#options.database === undefined) database.close(); // what the user gave stays the user's
  }
}

async function open({ file = ':memory:', database, busyTimeoutMs = 2_000 }: SqliteOptions): Promise<SqliteDatabase> {
  if (typeof database === 'function') return database();
  if (database !== undefined) return database;
  const { DatabaseSync } = await import('node:sqlite').catch((cause: unknown) => {
    const what = 'The SQLite adapter needs `node:sqlite`, which is in Node 22.13 and newer; update Node.';
    throw new MilongaError('MILONGA_WIRING_CREATE_FAILED', what, { cause });
  });
  try {
    const opened = new DatabaseSync(file, { timeout: busyTimeoutMs });
    opened.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
    return opened;
  } catch (cause) {
    const what = `The SQLite file "${file}" cannot be opened; it must be a database in a folder that can be written.`;
    throw new MilongaError('MILONGA_WIRING_CREATE_FAILED', what, { cause });
  }
}
