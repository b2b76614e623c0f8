import { createHash } from 'node:crypto';
import type { protos } from '@google-cloud/bigtable';
import { MilongaError, type WideTable } from '@milonga/core';
import { GRPC, grpcCodeOf } from '../../grpc/failures.ts';
import { retrying } from '../../grpc/retrying.ts';
import type { BigtableConnection } from '../client/bigtable-connection.ts';

type GcRule = protos.google.bigtable.admin.v2.IGcRule;
type ColumnFamily = protos.google.bigtable.admin.v2.IColumnFamily;

/** A table as calls need it. */
export interface KnownTable {
  readonly name: string;
  /** `projects/…/instances/…/tables/…` */
  readonly path: string;
  /** Time to live by family; `undefined` for those that keep their cells. */
  readonly ttlMs: Map<string, number | undefined>;
}

/** How tables are made. */
export interface TablesOptions {
  readonly createTables: boolean;
  readonly garbageCollection: 'age' | 'none';
  readonly retryTimeoutMs: number;
}

const LONGEST_ID = 50;

/** A name as an id of Bigtable: itself where it may be one, else the start of it and a hash. */
export function tableIdOf(name: string): string {
  if (name.length <= LONGEST_ID && /^[_a-zA-Z0-9][-_.a-zA-Z0-9]*$/.test(name)) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return `${name.replace(/[^-_.a-zA-Z0-9]/g, '_').replace(/^[-.]/, '_')}`.slice(0, LONGEST_ID - 17).concat('-', hash);
}

/** The tables of an instance: makes them, and remembers their families. */
export class Tables {
  readonly #connection: BigtableConnection;
  readonly #options: TablesOptions;
  readonly #known = new Map<string, Promise<KnownTable>>();

  constructor(connection: BigtableConnection, options: TablesOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** Makes the table and the families that are missing. */
  async ensure(table: WideTable): Promise<void> {
    const before = this.#known.get(table.name);
    const ensured = this.#ensure(table);
    this.#known.set(table.name, ensured);
    try {
      await ensured;
    } catch (error) {
      if (before === undefined) this.#known.delete(table.name);
      else this.#known.set(table.name, before);
      throw error;
    }
  }

  /** The table; one that this process did not ensure is looked up once. */
  async get(name: string): Promise<KnownTable> {
    let known = this.#known.get(name);
    if (known === undefined) {
      known = this.#look(name).then((table) => table ?? Promise.reject(notEnsured(name)));
      this.#known.set(name, known);
      known.catch(() => this.#known.delete(name));
    }
    return known;
  }

  async #ensure({ name, families }: WideTable): Promise<KnownTable> {
    const wanted = new Map(
      Object.entries(families).map(([family, life]) => [family, 'ttlMs' in life ? life.ttlMs : undefined] as const),
    );
    const there = await this.#look(name);
    const { createTables } = this.#options;
    if (there === undefined && !createTables) throw notEnsured(name);
    if (there === undefined && (await this.#create(name, wanted))) return this.#table(name, wanted);
    const existing = there ?? (await this.#look(name)) ?? this.#table(name, new Map());
    const changed = [...wanted].filter(
      ([family, ttlMs]) =>
        !existing.ttlMs.has(family) || this.#gcAge(ttlMs) !== this.#gcAge(existing.ttlMs.get(family)),
    );
    if (changed.length > 0 && createTables) await this.#change(existing, new Map(changed));
    const missing = createTables ? undefined : changed.find(([family]) => !existing.ttlMs.has(family));
    if (missing !== undefined) throw notEnsured(name, missing[0]);
    return this.#table(name, new Map([...existing.ttlMs, ...wanted]));
  }

  async #look(name: string): Promise<KnownTable | undefined> {
    try {
      const [table] = await retrying(this.#options.retryTimeoutMs, (limits) =>
        this.#connection.admin.getTable({ name: this.#path(name), view: 'SCHEMA_VIEW' }, limits),
      );
      const families = Object.entries(table.columnFamilies ?? {});
      return this.#table(name, new Map(families.map(([family, { gcRule }]) => [family, ageOf(gcRule)])));
    } catch (error) {
      if (grpcCodeOf(error) === GRPC.notFound) return undefined;
      throw error;
    }
  }

  /** False when somebody else was faster. */
  async #create(name: string, families: ReadonlyMap<string, number | undefined>): Promise<boolean> {
    const columnFamilies: Record<string, ColumnFamily> = {};
    for (const [family, ttlMs] of families) columnFamilies[family] = { gcRule: this.#gcRule(ttlMs) };
    const parent = this.#connection.instanceName;
    try {
      await retrying(this.#options.retryTimeoutMs, (limits) =>
        this.#connection.admin.createTable({ parent, tableId: tableIdOf(name), table: { columnFamilies } }, limits),
      );
      return true;
    } catch (error) {
      if (grpcCodeOf(error) === GRPC.alreadyExists) return false;
      throw error;
    }
  }

  async #change(table: KnownTable, families: ReadonlyMap<string, number | undefined>): Promise<void> {
    for (const [id, ttlMs] of families) {
      const family = { gcRule: this.#gcRule(ttlMs) };
      const update = { id, update: family };
      const create = { id, create: family };
      const isThere = table.ttlMs.has(id);
      try {
        await this.#modify(table, isThere ? update : create);
      } catch (error) {
        if (isThere || grpcCodeOf(error) !== GRPC.alreadyExists) throw error;
        await this.#modify(table, update); // another process has made it meanwhile
      }
    }
  }

  async #modify(
    { path }: KnownTable,
    modification: protos.google.bigtable.admin.v2.ModifyColumnFamiliesRequest.IModification,
  ): Promise<void> {
    await retrying(this.#options.retryTimeoutMs, (limits) =>
      this.#connection.admin.modifyColumnFamilies({ name: path, modifications: [modification] }, limits),
    );
  }

  /** The age that Bigtable itself removes cells at. */
  #gcAge(ttlMs: number | undefined): number | undefined {
    return this.#options.garbageCollection === 'age' ? ttlMs : undefined;
  }

  #gcRule(ttlMs: number | undefined): GcRule {
    const age = this.#gcAge(ttlMs);
    if (age === undefined) return { maxNumVersions: 1 };
    const seconds = Math.floor(age / 1_000);
    const maxAge = { seconds, nanos: Math.round((age - seconds * 1_000) * 1e6) };
    return { union: { rules: [{ maxNumVersions: 1 }, { maxAge }] } };
  }

  #path(name: string): string {
    return `${this.#connection.instanceName}/tables/${tableIdOf(name)}`;
  }

  #table(name: string, ttlMs: Map<string, number | undefined>): KnownTable {
    return { name, path: this.#path(name), ttlMs };
  }
}

function ageOf(rule: GcRule | null | undefined): number | undefined {
  for (const { maxAge } of [rule ?? {}, ...(rule?.union?.rules ?? [])]) {
    if (maxAge) return Number(maxAge.seconds ?? 0) * 1_000 + (maxAge.nanos ?? 0) / 1e6;
  }
  return undefined;
}

const notEnsured = (name: string, family?: string): MilongaError =>
  new MilongaError(
    'MILONGA_DEFINITION_INVALID',
    `Bigtable has no table "${name}"${family === undefined ? '' : ` with the family "${family}"`}. Call ensureTables before it is used, with createTables on.`,
  );
