import {
  type ArtifactInfo,
  type ArtifactStore,
  artifactFoldersOf,
  artifactNameTaken,
  checkArtifactName,
  MilongaError,
  throwIfAborted,
} from '@milonga/core';
import { failureOf } from '../client/failures.ts';
import type { TakenDatabase } from '../client/shared-database.ts';
import { transaction } from '../client/transaction.ts';
import type { SqliteDatabase } from '../sqlite-options.ts';

type Cancellable = { readonly signal?: AbortSignal };

/** Names that one statement lists: what a reader holds in memory. */
const PAGE = 500;

/** Artifacts as blobs. SQLite takes 1 GB for one value; keep models of that size elsewhere. */
export class SqliteArtifactStore implements ArtifactStore {
  readonly #taken: TakenDatabase;
  readonly #database: SqliteDatabase;
  #isOpen = true;

  constructor(taken: TakenDatabase) {
    this.#taken = taken;
    this.#database = taken.database;
    this.#database.exec('CREATE TABLE IF NOT EXISTS artifacts (name TEXT PRIMARY KEY, bytes BLOB NOT NULL)');
  }

  async putIfAbsent(name: string, bytes: Uint8Array, { signal }: Cancellable = {}): Promise<boolean> {
    checkArtifactName(name);
    return this.#call('putIfAbsent', signal, () =>
      transaction(this.#database, () => {
        const isThere = this.#database.prepare('SELECT 1 FROM artifacts WHERE name = ?');
        if (isThere.get(name) !== undefined) return false;
        const below = this.#database.prepare('SELECT 1 FROM artifacts WHERE name > ? AND name < ? LIMIT 1');
        const isFolder = below.get(`${name}/`, `${name}0`) !== undefined; // "0" comes after "/"
        if (isFolder || artifactFoldersOf(name).some((folder) => isThere.get(folder))) throw artifactNameTaken(name);
        this.#database.prepare('INSERT INTO artifacts (name, bytes) VALUES (?, ?)').run(name, bytes);
        return true;
      }),
    );
  }

  async get(
    name: string,
    { range, signal }: { readonly range?: { readonly start: number; readonly end: number } } & Cancellable = {},
  ): Promise<Uint8Array | undefined> {
    checkArtifactName(name);
    return this.#call('get', signal, () => {
      const start = Math.max(0, range?.start ?? 0);
      const length = Math.min(Math.max(0, (range?.end ?? Infinity) - start), 2 ** 31);
      const select = this.#database.prepare('SELECT substr(bytes, ?, ?) AS bytes FROM artifacts WHERE name = ?');
      const found = select.get(start + 1, length, name);
      return found && ((found.bytes as Uint8Array | null) ?? new Uint8Array()); // nothing of a blob is null to SQLite
    });
  }

  async *list(prefix: string, { signal }: Cancellable = {}): AsyncGenerator<ArtifactInfo> {
    const select = `SELECT name, length(bytes) AS bytes FROM artifacts
      WHERE name >= ? AND name > ? AND substr(name, 1, ?) = ? ORDER BY name LIMIT ?`;
    const page = (after: string): readonly ArtifactInfo[] =>
      this.#call('list', signal, () => {
        const rows = this.#database.prepare(select).all(prefix, after, prefix.length, prefix, PAGE);
        return rows.map(({ name, bytes }) => ({ name: String(name), bytes: Number(bytes) }));
      });
    for (let names = page(''); names.length > 0; names = page(names.at(-1)!.name)) {
      for (const info of names) {
        yield info;
        this.#call('list', signal, () => {});
      }
    }
  }

  async remove(name: string): Promise<void> {
    checkArtifactName(name);
    this.#call('remove', undefined, () => this.#database.prepare('DELETE FROM artifacts WHERE name = ?').run(name));
  }

  close(): void {
    this.#isOpen = false;
    this.#taken.release();
  }

  #call<T>(operation: string, signal: AbortSignal | undefined, work: () => T): T {
    if (!this.#isOpen) throw new MilongaError('MILONGA_CLOSED', 'The SQLite artifact store was closed.');
    throwIfAborted(signal, 'A call to the SQLite artifact store');
    try {
      return work();
    } catch (error) {
      throw failureOf(error, 'MILONGA_ARTIFACT_STORE_UNAVAILABLE', `${operation} of the SQLite artifact store`);
    }
  }
}
