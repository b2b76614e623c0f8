import { mkdirSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  type Clock,
  type Frame,
  type Lake,
  type LakeTable,
  type OffsetRange,
  type SqlDialect,
  type SqlParameter,
  throwIfAborted,
} from '@milonga/core';
import { duckDialect } from '../duckdb/duck-dialect.ts';
import { DuckEngine } from '../duckdb/engine.ts';
import { appendError, queryError } from '../duckdb/engine-errors.ts';
import { runQuery } from '../duckdb/query.ts';
import { storageError } from '../environment/storage-errors.ts';
import { TEMPORARY, uniqueName } from '../files/publish-file.ts';
import { sweepTemporary } from '../files/sweep-temporary.ts';
import { appendBatch } from './append-batch.ts';
import { compactTable } from './compact-table.ts';
import { LakeFiles } from './lake-files.ts';
import type { DuckLakeOptions } from './lake-options.ts';
import { LakeTables } from './lake-tables.ts';
import { HOUR_MS } from './period.ts';
import { sweepTable } from './sweep-table.ts';

/**
 * The lake on this machine: Parquet files, read and written by DuckDB in memory. No process locks another out: what is
 * in a table is what its log says, and the log grows by files that are linked into place.
 *
 * @example
 * ```ts
 * const lake = await DuckLake.open({ dir: '.milonga/lake', clock: systemClock() });
 * ```
 */
export class DuckLake implements Lake {
  readonly dialect: SqlDialect = duckDialect;
  readonly #engine: DuckEngine;
  readonly #tables: LakeTables;
  readonly #files: LakeFiles;
  readonly #clock: Clock;
  readonly #closeAfterMs: number;
  readonly #rowsPerFile: number;
  readonly #keepReplacedMs: number;

  private constructor(engine: DuckEngine, root: string, options: DuckLakeOptions) {
    const { durability = 'process-crash', keepReplacedMs = 15 * 60_000 } = options;
    this.#engine = engine;
    this.#files = new LakeFiles(root, engine, durability);
    this.#tables = new LakeTables({ root, durability, keepMs: keepReplacedMs });
    this.#clock = options.clock;
    this.#closeAfterMs = options.closeAfterMs ?? 10 * 60_000;
    this.#rowsPerFile = options.rowsPerFile ?? 1_000_000;
    this.#keepReplacedMs = keepReplacedMs;
  }

  /** Opens a lake, making what is missing. */
  static async open(options: DuckLakeOptions): Promise<DuckLake> {
    const { memoryLimitMiB = 512, threads = 2, concurrentQueries = 2 } = options;
    try {
      mkdirSync(join(resolve(options.dir), TEMPORARY), { recursive: true });
      const root = realpathSync(resolve(options.dir));
      await sweepTemporary(root);
      const tempDir = join(root, TEMPORARY, `spill-${uniqueName()}`);
      return new DuckLake(
        await DuckEngine.open({ memoryLimitMiB, threads, concurrentQueries, dir: root, tempDir }),
        root,
        options,
      );
    } catch (error) {
      throw storageError(error, options.dir);
    }
  }

  async ensureTables(tables: readonly LakeTable[]): Promise<void> {
    this.#engine.checkOpen();
    try {
      await this.#tables.ensure(tables);
    } catch (error) {
      throw storageError(error, this.#files.root);
    }
  }

  async append(
    table: string,
    rows: Frame,
    options: { readonly ranges: readonly OffsetRange[]; readonly signal?: AbortSignal },
  ): Promise<void> {
    const { signal } = options;
    this.#begin(signal);
    try {
      await appendBatch(
        this.#tables.get(table, 'MILONGA_LAKE_APPEND_FAILED'),
        this.#files,
        rows,
        options.ranges,
        signal,
      );
    } catch (error) {
      throw appendError(error, table);
    }
  }

  async positions(table: string): Promise<ReadonlyMap<number, number>> {
    this.#engine.checkOpen();
    try {
      return this.#tables.get(table).refresh().coverage.lasts();
    } catch (error) {
      throw queryError(error);
    }
  }

  async *query(
    sql: string,
    parameters: readonly SqlParameter[] = [],
    options: { readonly frames?: Readonly<Record<string, Frame>>; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<Frame> {
    const { signal } = options;
    this.#begin(signal);
    yield* runQuery(this.#engine, {
      sql,
      parameters,
      signal,
      frames: options.frames ?? {},
      bindTables: (session, names) => this.#tables.bind(session, names),
    });
  }

  /** Also deletes files that nobody needs any longer. */
  async compact(
    table: string,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<{ readonly filesBefore: number; readonly filesAfter: number }> {
    const { signal } = options;
    this.#begin(signal);
    const log = this.#tables.get(table);
    try {
      const filesBefore = log.refresh().files.size;
      const boundary = Math.floor((this.#clock.now() - this.#closeAfterMs) / HOUR_MS) * HOUR_MS;
      await compactTable(log, this.#files, { boundary, rowsPerFile: this.#rowsPerFile }, signal);
      await sweepTable(log, this.#files, this.#keepReplacedMs);
      return { filesBefore, filesAfter: log.refresh().files.size };
    } catch (error) {
      throw appendError(error, table);
    }
  }

  /** Stops what runs, then closes the engine. */
  async close(): Promise<void> {
    await this.#engine.close();
  }

  #begin(signal: AbortSignal | undefined): void {
    this.#engine.checkOpen();
    throwIfAborted(signal, 'The lake');
  }
}
