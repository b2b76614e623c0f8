import {
  type ErrorCode,
  type Frame,
  type Lake,
  type LakeTable,
  type OffsetRange,
  type SqlDialect,
  type SqlParameter,
  throwIfAborted,
} from '@milonga/core';
import { queriedType } from '../duckdb/column-types.ts';
import { duckDialect } from '../duckdb/duck-dialect.ts';
import { DuckEngine } from '../duckdb/engine.ts';
import { appendError } from '../duckdb/engine-errors.ts';
import { frameSource, runQuery } from '../duckdb/query.ts';
import { checkBatch, overlapError } from '../lake/batch-checks.ts';
import { typeOfRecord, withStrings } from '../lake/column-record.ts';
import { checkSameName, checkTable, columnsAfter, unknownTable } from '../lake/table-definition.ts';
import { TableState } from '../lake/table-state.ts';

/** How a {@link MemoryLake} works. */
export interface MemoryLakeOptions {
  /** Memory of the engine, tables and queries together. Default: 512. */
  readonly memoryLimitMiB?: number;
  /** Threads of the engine. Default: 2. */
  readonly threads?: number;
}

/**
 * A lake in the memory of this process, for tests: the same DuckDB and the same SQL as the lake on disk, over tables of
 * DuckDB instead of files. There is nothing to compact.
 *
 * @example
 * ```ts
 * const lake = await MemoryLake.open();
 * ```
 */
export class MemoryLake implements Lake {
  readonly dialect: SqlDialect = duckDialect;
  readonly #engine: DuckEngine;
  /** By lower-case name, as SQL knows them. */
  readonly #tables = new Map<string, TableState>();

  private constructor(engine: DuckEngine) {
    this.#engine = engine;
  }

  /** Opens an empty lake. */
  static async open({ memoryLimitMiB = 512, threads = 2 }: MemoryLakeOptions = {}): Promise<MemoryLake> {
    return new MemoryLake(await DuckEngine.open({ memoryLimitMiB, threads, concurrentQueries: 2 }));
  }

  async ensureTables(tables: readonly LakeTable[]): Promise<void> {
    this.#engine.checkOpen();
    for (const table of tables) checkTable(table);
    for (const table of tables) await this.#engine.write((session) => this.#ensure(table, (sql) => session.run(sql)));
  }

  async append(
    table: string,
    rows: Frame,
    options: { readonly ranges: readonly OffsetRange[]; readonly signal?: AbortSignal },
  ): Promise<void> {
    const { ranges, signal } = options;
    this.#begin(signal);
    try {
      const state = this.#get(table, 'MILONGA_LAKE_APPEND_FAILED');
      checkBatch(table, rows, state.fields, ranges);
      await this.#engine.write((session) => {
        const overlap = state.coverage.overlapWith(ranges);
        if (overlap !== undefined) throw overlapError(table, overlap, state.coverage);
        return this.#insert(state, withStrings(rows).as(state.fields), ranges, (sql) => session.run(sql, signal));
      }, signal);
    } catch (error) {
      throw appendError(error, table);
    }
  }

  async positions(table: string): Promise<ReadonlyMap<number, number>> {
    this.#engine.checkOpen();
    return this.#get(table).coverage.lasts();
  }

  async *query(
    sql: string,
    parameters: readonly SqlParameter[] = [],
    options: { readonly frames?: Readonly<Record<string, Frame>>; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<Frame> {
    const { frames = {}, signal } = options;
    this.#begin(signal);
    const bindTables = async (_session: unknown, names: readonly string[]): Promise<readonly string[]> =>
      names.filter((name) => this.#tables.has(name.toLowerCase()));
    yield* runQuery(this.#engine, { sql, parameters, frames, signal, bindTables });
  }

  async compact(
    table: string,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<{ readonly filesBefore: number; readonly filesAfter: number }> {
    this.#begin(options.signal);
    this.#get(table);
    return { filesBefore: 0, filesAfter: 0 };
  }

  async close(): Promise<void> {
    await this.#engine.close();
  }

  async #ensure(table: LakeTable, run: (sql: string) => Promise<number>): Promise<void> {
    const key = table.name.toLowerCase();
    const state = this.#tables.get(key) ?? new TableState(table.name);
    checkSameName(state.name, table.name);
    const columns = columnsAfter(state, table);
    if (columns === undefined) return;
    const name = duckDialect.identifier(table.name);
    const added = columns.slice(state.columns.length);
    const declared = added.map(
      (column) => `${duckDialect.identifier(column.name)} ${queriedType(typeOfRecord(column))}`,
    );
    if (!state.exists) await run(`CREATE TABLE ${name} (${declared.join(', ')})`);
    else for (const column of declared) await run(`ALTER TABLE ${name} ADD COLUMN ${column}`);
    state.apply({ kind: 'columns', partitionBy: table.partitionBy, columns });
    this.#tables.set(key, state);
  }

  async #insert(
    state: TableState,
    batch: Frame,
    ranges: readonly OffsetRange[],
    run: (sql: string) => Promise<number>,
  ): Promise<void> {
    const { key, sql } = this.#engine.frames.lend(batch);
    try {
      const into = batch.layout.names.map((name) => duckDialect.identifier(name)).join(', ');
      await run(`INSERT INTO ${duckDialect.identifier(state.name)} (${into}) ${frameSource(batch, sql)}`);
      state.apply({ kind: 'append', files: [], ranges });
    } finally {
      this.#engine.frames.takeBack(key);
    }
  }

  #get(name: string, code: ErrorCode = 'MILONGA_LAKE_QUERY_FAILED'): TableState {
    const state = this.#tables.get(name.toLowerCase());
    if (state?.name === name) return state;
    throw unknownTable(name, code);
  }

  #begin(signal: AbortSignal | undefined): void {
    this.#engine.checkOpen();
    throwIfAborted(signal, 'The lake');
  }
}
