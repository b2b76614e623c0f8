import {
  type Cell,
  type Clock,
  type MutationOutcome,
  type OfflineStore,
  type RowMutation,
  type ScanRange,
  throwIfAborted,
  type WideRow,
  type WideTable,
} from '@milonga/core';
import { closed, portError } from '../../grpc/failures.ts';
import { inParallel } from '../../grpc/in-parallel.ts';
import type { BigtableAdapterOptions } from '../bigtable-options.ts';
import { BigtableConnection } from '../client/bigtable-connection.ts';
import { mutateTable } from './mutate-table.ts';
import { readStream } from './read-stream.ts';
import { cellsOf } from './row-filter.ts';
import { scanTable } from './scan-table.ts';
import { type KnownTable, Tables } from './tables.ts';

const UNAVAILABLE = 'MILONGA_OFFLINE_STORE_UNAVAILABLE';
/** Keys of one request: small requests that run side by side are answered sooner than one large one. */
const KEYS_AT_ONCE = 100;

interface Limits {
  readonly retryTimeoutMs: number;
  readonly concurrency: number;
}

/** Wide rows in Bigtable: a table for each table, a row for each row, one version of each cell. */
export class BigtableOfflineStore implements OfflineStore {
  readonly #connection: BigtableConnection;
  readonly #tables: Tables;
  readonly #clock: Clock;
  readonly #limits: Limits;
  #isOpen = true;

  private constructor(connection: BigtableConnection, tables: Tables, clock: Clock, limits: Limits) {
    this.#connection = connection;
    this.#tables = tables;
    this.#clock = clock;
    this.#limits = limits;
  }

  static async open(options: BigtableAdapterOptions, clock: Clock): Promise<BigtableOfflineStore> {
    const { createTables = true, garbageCollection = 'age', retryTimeoutMs = 30_000, concurrency = 64 } = options;
    const connection = await BigtableConnection.open(options);
    const tables = new Tables(connection, { createTables, garbageCollection, retryTimeoutMs });
    return new BigtableOfflineStore(connection, tables, clock, { retryTimeoutMs, concurrency });
  }

  async ensureTables(tables: readonly WideTable[]): Promise<void> {
    this.#begin('ensureTables', undefined);
    for (const table of tables) {
      await this.#tables.ensure(table).catch((error: unknown) => {
        throw portError(UNAVAILABLE, `Ensuring the table "${table.name}"`, error);
      });
    }
  }

  async readRows(
    name: string,
    keys: readonly Uint8Array[],
    options: { readonly families?: readonly string[]; readonly signal?: AbortSignal } = {},
  ): Promise<readonly (WideRow | undefined)[]> {
    this.#begin('readRows', options.signal);
    const table = await this.#table(name);
    const named = new Map(keys.map((key) => [nameOf(key), key]));
    named.delete(''); // no row has it, and Bigtable refuses it
    const unique = [...named.values()];
    const parts = Array.from({ length: Math.ceil(unique.length / KEYS_AT_ONCE) }, (_, at) =>
      unique.slice(at * KEYS_AT_ONCE, (at + 1) * KEYS_AT_ONCE),
    );
    const rows = new Map<string, WideRow>();
    await inParallel(parts, this.#limits.concurrency, async (part) => {
      for await (const some of this.#readKeys(table, part, options))
        for (const row of some) rows.set(nameOf(row.key), row);
    });
    return keys.map((key) => rows.get(nameOf(key)));
  }

  #readKeys(
    table: KnownTable,
    keys: readonly Uint8Array[],
    { families, signal }: { readonly families?: readonly string[]; readonly signal?: AbortSignal },
  ): AsyncGenerator<WideRow[]> {
    if (families?.length === 0)
      return readStream(this.#connection, { ...this.#plan(table, signal), remaining: () => undefined });
    const sorted = [...keys].sort(Buffer.compare);
    return readStream(this.#connection, {
      ...this.#plan(table, signal),
      remaining: (lastKey) => {
        const left = lastKey === undefined ? sorted : sorted.filter((key) => Buffer.compare(key, lastKey) > 0);
        if (left.length === 0) return undefined;
        return { tableName: table.path, rows: { rowKeys: left }, filter: cellsOf(families) };
      },
    });
  }

  scanRows(
    name: string,
    range: ScanRange,
    options: { readonly signal?: AbortSignal } = {},
  ): AsyncIterable<readonly WideRow[]> {
    return this.#scan(name, range, options.signal);
  }

  async *#scan(name: string, range: ScanRange, signal: AbortSignal | undefined): AsyncGenerator<readonly WideRow[]> {
    this.#begin('scanRows', signal);
    const table = await this.#table(name);
    for await (const rows of scanTable(this.#connection, table, range, this.#plan(table, signal))) {
      yield rows;
      this.#begin('scanRows', signal);
    }
  }

  async mutateRows(
    name: string,
    mutations: readonly RowMutation[],
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly MutationOutcome[]> {
    this.#begin('mutateRows', options.signal);
    const table = await this.#table(name);
    const { signal } = options;
    return mutateTable(this.#connection, table, mutations, { ...this.#limits, signal, now: () => this.#clock.now() });
  }

  /** Ends the connections of its own. Idempotent. */
  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#connection.close();
  }

  #plan(table: KnownTable, signal: AbortSignal | undefined) {
    const now = this.#clock.now();
    const isAlive = ({ family, at }: Cell): boolean => {
      const ttlMs = table.ttlMs.get(family);
      return ttlMs === undefined || at + ttlMs > now;
    };
    return { isAlive, signal, retryTimeoutMs: this.#limits.retryTimeoutMs, what: `Reading the table "${table.name}"` };
  }

  #table(name: string): Promise<KnownTable> {
    return this.#tables.get(name).catch((error: unknown) => {
      throw portError(UNAVAILABLE, `Looking up the table "${name}"`, error);
    });
  }

  #begin(what: string, signal: AbortSignal | undefined): void {
    if (!this.#isOpen) throw closed('offline store');
    throwIfAborted(signal, what);
  }
}

/** Keys as keys of maps. */
const nameOf = (key: Uint8Array): string => Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
