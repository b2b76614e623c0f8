import {
  type Clock,
  type ListAppend,
  METRICS,
  MilongaError,
  measure,
  type OnlineRow,
  type OnlineRowWrite,
  type OnlineStore,
  type TimeToLive,
  throwIfAborted,
} from '@milonga/core';
import { failureOf } from '../client/failures.ts';
import type { TakenDatabase } from '../client/shared-database.ts';
import { transaction } from '../client/transaction.ts';
import type { SqliteDatabase } from '../sqlite-options.ts';

type Cancellable = { readonly signal?: AbortSignal };
type Kind = 'row' | 'list';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS owners (id INTEGER PRIMARY KEY, kind TEXT, key TEXT, expiresAt REAL, UNIQUE (kind, key));
  CREATE INDEX IF NOT EXISTS byExpiry ON owners (expiresAt);
  CREATE TABLE IF NOT EXISTS cells (
    owner INTEGER REFERENCES owners ON DELETE CASCADE, name, value BLOB, PRIMARY KEY (owner, name)
  ) WITHOUT ROWID;`;
const ALIVE = 'SELECT id FROM owners WHERE kind = ? AND key = ? AND expiresAt > ?';
const KEEP = `INSERT INTO owners (kind, key, expiresAt) VALUES (?, ?, ?)
  ON CONFLICT DO UPDATE SET expiresAt = excluded.expiresAt RETURNING id`;
const PUT = 'INSERT OR REPLACE INTO cells (owner, name, value) VALUES (?, ?, ?)';

/** Rows and bounded lists. A row's cells are named by column, a list's by number. */
export class SqliteOnlineStore implements OnlineStore {
  readonly slots = 1;
  readonly #taken: TakenDatabase;
  readonly #database: SqliteDatabase;
  readonly #clock: Clock;
  #isOpen = true;

  constructor(taken: TakenDatabase, clock: Clock) {
    this.#taken = taken;
    this.#database = taken.database;
    this.#clock = clock;
    this.#database.exec(SCHEMA);
  }

  placement(_key: string): number {
    return 0;
  }

  async readRows(
    keys: readonly string[],
    columns: readonly string[],
    { signal }: Cancellable = {},
  ): Promise<readonly (OnlineRow | undefined)[]> {
    return this.#call('readRows', keys, signal, () => {
      const select = this.#database.prepare('SELECT name, value FROM cells WHERE owner = ?');
      return keys.map((key) => {
        const owner = this.#alive('row', key);
        if (owner === undefined) return undefined;
        const values = new Map(select.all(owner).map(({ name, value }) => [name, value as Uint8Array]));
        return columns.map((column) => values.get(column));
      });
    });
  }

  async writeRows(rows: readonly OnlineRowWrite[], { signal }: Cancellable = {}): Promise<void> {
    this.#write('writeRows', rows, signal, () => {
      const put = this.#database.prepare(PUT);
      for (const { key, columns, timeToLive } of rows) {
        const owner = this.#keep('row', key, timeToLive);
        for (const [name, value] of Object.entries(columns)) put.run(owner, name, value);
      }
    });
  }

  async deleteRows(keys: readonly string[], { signal }: Cancellable = {}): Promise<void> {
    const rows = keys.map((key) => ({ key }));
    this.#write('deleteRows', rows, signal, () => {
      const remove = this.#database.prepare("DELETE FROM owners WHERE kind = 'row' AND key = ?");
      for (const key of keys) remove.run(key);
    });
  }

  async appendLists(lists: readonly ListAppend[], { signal }: Cancellable = {}): Promise<void> {
    for (const { key, maxLength } of lists) checkLength(key, maxLength);
    this.#write('appendLists', lists, signal, () => {
      const put = this.#database.prepare(PUT);
      const last = this.#database.prepare('SELECT coalesce(max(name), 0) AS name FROM cells WHERE owner = ?');
      const trim = this.#database.prepare('DELETE FROM cells WHERE owner = ? AND name <= ?');
      for (const { key, values, maxLength, timeToLive } of lists) {
        const owner = this.#keep('list', key, timeToLive);
        let name = Number(last.get(owner)!.name);
        for (const value of values) put.run(owner, ++name, value);
        trim.run(owner, name - maxLength);
      }
    });
  }

  async readLists(
    keys: readonly string[],
    { limit, signal }: { readonly limit: number } & Cancellable,
  ): Promise<readonly (readonly Uint8Array[])[]> {
    return this.#call('readLists', keys, signal, () => {
      const newest = this.#database.prepare('SELECT value FROM cells WHERE owner = ? ORDER BY name DESC LIMIT ?');
      return keys.map((key) => {
        const owner = this.#alive('list', key);
        const values = owner === undefined ? [] : newest.all(owner, Math.max(0, limit));
        return values.map(({ value }) => value as Uint8Array).reverse();
      });
    });
  }

  close(): void {
    this.#isOpen = false;
    this.#taken.release();
  }

  /** What every call does before and after its work: refuse, measure, name the failure. */
  #call<T>(operation: string, keys: readonly string[], signal: AbortSignal | undefined, work: () => T): T {
    if (!this.#isOpen) throw new MilongaError('MILONGA_CLOSED', 'The SQLite online store was closed.');
    throwIfAborted(signal, 'A call to the SQLite online store');
    if (keys.includes(''))
      throw new MilongaError('MILONGA_KEY_INVALID', 'A key of the online store must not be empty.');
    const startedAt = performance.now();
    let outcome = 'failed';
    try {
      const result = work();
      outcome = 'ok';
      return result;
    } catch (error) {
      throw failureOf(error, 'MILONGA_ONLINE_STORE_UNAVAILABLE', `${operation} of the SQLite online store`);
    } finally {
      measure(METRICS.onlineDuration, performance.now() - startedAt, { operation, outcome });
    }
  }

  /** One transaction, so that every row is atomic. What has expired goes first: the file is bounded. */
  #write(
    operation: string,
    rows: readonly { readonly key: string }[],
    signal: AbortSignal | undefined,
    work: () => void,
  ): void {
    const keys = rows.map(({ key }) => key);
    this.#call(operation, keys, signal, () =>
      transaction(this.#database, () => {
        this.#database.prepare('DELETE FROM owners WHERE expiresAt <= ?').run(this.#clock.now());
        work();
      }),
    );
  }

  #alive(kind: Kind, key: string): number | undefined {
    return this.#database.prepare(ALIVE).get(kind, key, this.#clock.now())?.id as number | undefined;
  }

  /** Makes the row or list, or gives it its new time to live. */
  #keep(kind: Kind, key: string, timeToLive: TimeToLive): number {
    const expiresAt = 'ttlMs' in timeToLive ? this.#clock.now() + timeToLive.ttlMs : Number.MAX_VALUE;
    return this.#database.prepare(KEEP).get(kind, key, expiresAt)!.id as number;
  }
}

function checkLength(key: string, maxLength: number): void {
  if (Number.isInteger(maxLength) && maxLength > 0) return;
  const what = `\`maxLength\` of the list "${key}" must be a whole number above 0; found ${maxLength}.`;
  throw new MilongaError('MILONGA_DEFINITION_INVALID', what);
}
