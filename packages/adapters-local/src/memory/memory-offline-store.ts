import {
  type Cell,
  type Clock,
  MilongaError,
  type MutationOutcome,
  type OfflineStore,
  type RowMutation,
  type ScanRange,
  throwIfAborted,
  type WideRow,
  type WideTable,
} from '@milonga/core';
import { closed } from '../environment/storage-errors.ts';

interface StoredRow {
  readonly key: Uint8Array;
  /** By family and qualifier, see {@link cellKey}. */
  readonly cells: Map<string, Cell>;
}

interface Table {
  readonly definition: WideTable;
  /** By the key's bytes as latin-1, whose order is byte order. */
  readonly rows: Map<string, StoredRow>;
}

/** Wide rows in maps. For tests: nothing outlives the process. */
export class MemoryOfflineStore implements OfflineStore {
  readonly #clock: Clock;
  readonly #tables = new Map<string, Table>();
  #isOpen = true;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async ensureTables(tables: readonly WideTable[]): Promise<void> {
    this.#checkOpen();
    for (const table of tables) {
      const known = this.#tables.get(table.name);
      const families = { ...known?.definition.families, ...table.families };
      this.#tables.set(table.name, { definition: { name: table.name, families }, rows: known?.rows ?? new Map() });
    }
  }

  async readRows(
    tableName: string,
    keys: readonly Uint8Array[],
    options: { readonly families?: readonly string[]; readonly signal?: AbortSignal } = {},
  ): Promise<readonly (WideRow | undefined)[]> {
    const table = this.#begin(tableName, options.signal);
    return keys.map((key) => this.#read(table, table.rows.get(keyText(key)), options.families));
  }

  async *scanRows(
    tableName: string,
    range: ScanRange,
    options: { readonly signal?: AbortSignal } = {},
  ): AsyncIterable<readonly WideRow[]> {
    const table = this.#begin(tableName, options.signal);
    const start = keyText(range.start ?? new Uint8Array());
    const end = range.end === undefined ? undefined : keyText(range.end);
    const names = [...table.rows.keys()].filter((name) => name >= start && (end === undefined || name < end)).sort();
    let left = range.limit ?? Infinity;
    for (let at = 0; at < names.length && left > 0; at += 100) {
      const rows = names
        .slice(at, at + 100)
        .flatMap((name) => this.#read(table, table.rows.get(name), range.families) ?? [])
        .slice(0, left);
      left -= rows.length;
      if (rows.length > 0) yield rows;
      this.#begin(tableName, options.signal);
    }
  }

  async mutateRows(
    tableName: string,
    mutations: readonly RowMutation[],
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly MutationOutcome[]> {
    const table = this.#begin(tableName, options.signal);
    return mutations.map((mutation) => {
      try {
        return this.#apply(table, mutation);
      } catch (error) {
        if (MilongaError.isInstance(error)) return { status: 'failed', error, isRetryable: false };
        throw error;
      }
    });
  }

  #apply(table: Table, mutation: RowMutation): MutationOutcome {
    if (mutation.key.length === 0)
      throw new MilongaError('MILONGA_KEY_INVALID', 'A key of the offline store must have 1 byte or more; found 0.');
    const name = keyText(mutation.key);
    const row = table.rows.get(name);
    for (const { family } of [...(mutation.set ?? []), ...(mutation.delete ?? [])]) familyOf(table, family);
    if (mutation.onlyIf !== undefined) {
      familyOf(table, mutation.onlyIf.family);
      const cell = row?.cells.get(cellKey(mutation.onlyIf));
      const value = cell !== undefined && this.#isAlive(table, cell) ? cell.value : undefined;
      if (!isSame(value, mutation.onlyIf.equals)) return { status: 'rejected' };
    }
    const cells = mutation.deleteRow === true ? new Map<string, Cell>() : new Map(row?.cells);
    for (const cell of mutation.delete ?? []) cells.delete(cellKey(cell));
    for (const cell of mutation.set ?? []) {
      cells.set(cellKey(cell), { ...cell, qualifier: cell.qualifier.slice(), value: cell.value.slice() });
    }
    if (cells.size === 0) table.rows.delete(name);
    else table.rows.set(name, { key: mutation.key.slice(), cells });
    return { status: 'applied' };
  }

  #read(table: Table, row: StoredRow | undefined, families: readonly string[] | undefined): WideRow | undefined {
    for (const family of families ?? []) familyOf(table, family);
    const cells = [...(row?.cells.values() ?? [])]
      .filter((cell) => (families === undefined || families.includes(cell.family)) && this.#isAlive(table, cell))
      .sort((a, b) => (a.family === b.family ? Buffer.compare(a.qualifier, b.qualifier) : a.family < b.family ? -1 : 1))
      .map((cell) => ({ ...cell }));
    return cells.length === 0 ? undefined : { key: row!.key, cells };
  }

  #isAlive(table: Table, cell: Cell): boolean {
    const family = familyOf(table, cell.family);
    return !('ttlMs' in family) || this.#clock.now() < cell.at + family.ttlMs;
  }

  close(): void {
    this.#isOpen = false;
  }

  #begin(tableName: string, signal: AbortSignal | undefined): Table {
    this.#checkOpen();
    throwIfAborted(signal, 'offline store');
    const table = this.#tables.get(tableName);
    if (table !== undefined) return table;
    throw new MilongaError(
      'MILONGA_DEFINITION_INVALID',
      `Table "${tableName}" of the offline store was not ensured. Call ensureTables first.`,
    );
  }

  #checkOpen(): void {
    if (!this.#isOpen) throw closed('offline store');
  }
}

const keyText = (key: Uint8Array): string => Buffer.from(key).toString('latin1');
const cellKey = ({ family, qualifier }: { readonly family: string; readonly qualifier: Uint8Array }): string =>
  `${family}\0${keyText(qualifier)}`;

function familyOf(table: Table, name: string): WideTable['families'][string] {
  const family = table.definition.families[name];
  if (family !== undefined) return family;
  throw new MilongaError(
    'MILONGA_DEFINITION_INVALID',
    `Table "${table.definition.name}" of the offline store has no family "${name}". Name it in ensureTables.`,
  );
}

const isSame = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a === undefined || b === undefined ? a === b : Buffer.compare(a, b) === 0;
