import { type ErrorCode, type Fields, type LakeTable, MilongaError } from '@milonga/core';
import type { BigQueryConnection } from '../client/bigquery-connection.ts';
import { reasonOf, statusOf } from '../client/failures.ts';
import { type Jobs, newJobId, type TableReference } from '../client/jobs.ts';
import { wholeName } from './scratch.ts';
import { checkSameName, checkTable, unknownTable } from './table-definition.ts';
import { columnsAfter, fieldOf, fieldsOf, type TableField } from './table-schema.ts';

/** As much of a table as is used. */
interface Table {
  readonly tableReference: TableReference;
  readonly etag?: string;
  readonly schema?: { readonly fields?: readonly TableField[] };
  readonly timePartitioning?: { readonly field?: string };
}

/** A table of the lake, and what rows for it may have. */
export interface KnownTable {
  readonly reference: TableReference;
  readonly partitionBy: string | undefined;
  readonly columns: readonly TableField[];
  readonly fields: Fields;
}

/** Names of tables are asked for again when a query has frames and this time has passed. */
const NAMES_KEPT_MS = 60_000;
const MOST_ATTEMPTS = 8;
/** Names that SQL has for the types of BigQuery's interface. */
const SQL_TYPES: Readonly<Record<string, string>> = {
  STRING: 'STRING',
  INTEGER: 'INT64',
  FLOAT: 'FLOAT64',
  BOOLEAN: 'BOOL',
  TIMESTAMP: 'TIMESTAMP',
};

/** The tables of the dataset: made, extended, and remembered. */
export class Tables {
  readonly #connection: BigQueryConnection;
  readonly #jobs: Jobs;
  readonly #known = new Map<string, KnownTable>();
  /** By lower-case name, as SQL knows them. */
  #names = new Map<string, string>();
  #namesAt = Number.NEGATIVE_INFINITY;

  constructor(connection: BigQueryConnection, jobs: Jobs) {
    this.#connection = connection;
    this.#jobs = jobs;
  }

  /** A table by name, and the table with the ranges of its appends. */
  referenceOf(name: string, of: 'rows' | 'ranges' = 'rows'): TableReference {
    const tableId = of === 'rows' ? name : `milonga-ranges-${name}`;
    return { projectId: this.#connection.project, datasetId: this.#connection.options.dataset, tableId };
  }

  async ensure(table: LakeTable, signal: AbortSignal): Promise<void> {
    checkTable(table);
    for (let attempt = 1; ; attempt += 1) {
      const found = await this.#find(table.name, signal);
      if (found === undefined) await this.#checkNames(table.name, signal);
      await this.#ensureRanges(table.name, signal);
      if (found === undefined ? await this.#create(table, signal) : await this.#extend(found, table, signal)) return;
      if (attempt < MOST_ATTEMPTS) continue; // another changed it meanwhile: look again
      throw new MilongaError(
        'MILONGA_STORAGE_INCOMPATIBLE',
        `Others change table "${table.name}" all the while; its columns could not be added.`,
        { isRetryable: true },
      );
    }
  }

  /** A table that somebody ensured. @throws MilongaError with `code` when nobody did. */
  async get(name: string, code: ErrorCode, signal: AbortSignal): Promise<KnownTable> {
    const known = this.#known.get(name) ?? (await this.refreshed(name, signal));
    if (known === undefined) throw unknownTable(name, code);
    return known;
  }

  /** The table as it is now. */
  async refreshed(name: string, signal: AbortSignal): Promise<KnownTable | undefined> {
    const found = await this.#find(name, signal);
    return found === undefined ? undefined : this.#remember(found);
  }

  /** The names of tables as they are spelled, by lower-case name. What this process ensured is there at once. */
  async names(signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    if (performance.now() - this.#namesAt > NAMES_KEPT_MS) await this.#readNames(signal);
    return this.#names;
  }

  async #checkNames(name: string, signal: AbortSignal): Promise<void> {
    await this.#readNames(signal);
    checkSameName(this.#names.get(name.toLowerCase()) ?? name, name);
  }

  async #readNames(signal: AbortSignal): Promise<void> {
    const names = new Map<string, string>();
    let pageToken: string | undefined;
    do {
      const query = { maxResults: 1_000, pageToken };
      const page = await this.#connection
        .ask<{ readonly tables?: readonly Table[]; readonly nextPageToken?: string }>(
          { method: 'GET', path: this.#path(), query },
          signal,
        )
        .catch((error: unknown) => {
          if (statusOf(error) === 404) return { tables: [] }; // there is no dataset yet
          throw error;
        });
      for (const { tableReference } of page.tables ?? [])
        names.set(tableReference.tableId.toLowerCase(), tableReference.tableId);
      pageToken = 'nextPageToken' in page ? page.nextPageToken : undefined;
    } while (pageToken !== undefined);
    this.#names = names;
    this.#namesAt = performance.now();
  }

  #path(name?: string): string {
    const { dataset } = this.#connection.options;
    return `/datasets/${dataset}/tables${name === undefined ? '' : `/${name}`}`;
  }

  async #find(name: string, signal: AbortSignal): Promise<Table | undefined> {
    try {
      return await this.#connection.ask<Table>({ method: 'GET', path: this.#path(name) }, signal);
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  #remember(table: Table): KnownTable {
    const columns = table.schema?.fields ?? [];
    const known = {
      reference: table.tableReference,
      partitionBy: table.timePartitioning?.field,
      columns,
      fields: fieldsOf(columns),
    };
    const { tableId } = table.tableReference;
    this.#known.set(tableId, known);
    this.#names.set(tableId.toLowerCase(), tableId);
    return known;
  }

  /** False when another made it first. */
  async #create(table: LakeTable, signal: AbortSignal): Promise<boolean> {
    const { partitionBy: type } = this.#connection.options;
    const clustering = this.#clusteringOf(table);
    const json = {
      tableReference: this.referenceOf(table.name),
      schema: { fields: Object.entries(table.fields).map(([name, field]) => fieldOf(name, field)) },
      timePartitioning: { type, field: table.partitionBy },
      ...(clustering.length === 0 ? {} : { clustering: { fields: clustering } }),
    };
    const made = await this.#make(json, this.#path(), signal);
    if (made !== undefined) this.#remember(made);
    return made !== undefined;
  }

  #clusteringOf({ name, fields }: LakeTable): readonly string[] {
    const { clusterBy = [] } = this.#connection.options;
    const given = Array.isArray(clusterBy) ? clusterBy : ((clusterBy as Record<string, readonly string[]>)[name] ?? []);
    return (given as readonly string[]).filter((column) => column in fields);
  }

  /** Makes something that may be there already: then nothing is given. */
  async #make(json: object, path: string, signal: AbortSignal): Promise<Table | undefined> {
    try {
      return await this.#connection.ask<Table>({ method: 'POST', path, json }, signal);
    } catch (error) {
      if (statusOf(error) === 409) return undefined;
      throw error;
    }
  }

  /** False when another changed it meanwhile. */
  async #extend(found: Table, table: LakeTable, signal: AbortSignal): Promise<boolean> {
    const partitionBy = found.timePartitioning?.field;
    if (partitionBy !== table.partitionBy) {
      throw new MilongaError(
        'MILONGA_STORAGE_INCOMPATIBLE',
        `Table "${table.name}" is partitioned by ${JSON.stringify(partitionBy) ?? 'nothing'}; it cannot be by "${table.partitionBy}". Use another table.`,
      );
    }
    const fields = columnsAfter(table.name, found.schema?.fields ?? [], table.fields);
    if (fields === undefined) {
      this.#remember(found);
      return true;
    }
    // New columns by SQL, which may be repeated; then what they hold, in words that SQL does not have.
    const known = new Set((found.schema?.fields ?? []).map(({ name }) => name));
    for (const { name, type, mode } of fields) {
      if (known.has(name)) continue;
      const column = `\`${name}\` ${mode === 'REPEATED' ? `ARRAY<${SQL_TYPES[type]}>` : SQL_TYPES[type]}`;
      await this.#run(`ALTER TABLE ${wholeName(found.tableReference)} ADD COLUMN IF NOT EXISTS ${column}`, signal);
    }
    for (const { name, mode } of found.schema?.fields ?? []) {
      if (mode !== 'REQUIRED' || fields.find((field) => field.name === name)?.mode !== 'NULLABLE') continue;
      await this.#run(`ALTER TABLE ${wholeName(found.tableReference)} ALTER COLUMN \`${name}\` DROP NOT NULL`, signal);
    }
    const request = { method: 'PATCH', path: this.#path(table.name), json: { schema: { fields } } } as const;
    const etag = (await this.#find(table.name, signal))?.etag;
    try {
      this.#remember(await this.#connection.ask<Table>({ ...request, etag }, signal));
      return true;
    } catch (error) {
      if (statusOf(error) === 412) return false;
      throw error;
    }
  }

  async #run(query: string, signal: AbortSignal): Promise<void> {
    const job = await this.#jobs.begin(newJobId('alter'), { query: { query, useLegacySql: false } }, signal);
    await this.#jobs.finish(job, signal);
  }

  /** One row, made together with its table, so that there are never two. */
  async #ensureRanges(name: string, signal: AbortSignal): Promise<void> {
    const reference = this.referenceOf(name, 'ranges');
    if ((await this.#find(reference.tableId, signal)) !== undefined) return;
    const query = `CREATE TABLE IF NOT EXISTS ${wholeName(reference)} AS SELECT 0 AS version, '{}' AS ranges, '' AS writer`;
    const create = (): Promise<void> => this.#run(query, signal);
    try {
      await create();
    } catch (error) {
      const isThere = reasonOf(error) === 'duplicate';
      if (isThere) return;
      if (!this.#connection.options.createDataset || !(await this.#madeDataset(signal))) throw error;
      await create();
    }
  }

  /** False when the dataset was there. */
  async #madeDataset(signal: AbortSignal): Promise<boolean> {
    const { project: projectId, location, options } = this.#connection;
    try {
      await this.#connection.ask({ method: 'GET', path: `/datasets/${options.dataset}` }, signal);
      return false;
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
    }
    await this.#make({ datasetReference: { projectId, datasetId: options.dataset }, location }, '/datasets', signal);
    return true;
  }
}
