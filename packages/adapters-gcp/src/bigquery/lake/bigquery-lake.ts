import {
  type Frame,
  type Lake,
  type LakeTable,
  MilongaError,
  type OffsetRange,
  type SqlDialect,
  type SqlParameter,
  throwIfAborted,
} from '@milonga/core';
import { aborted, closed } from '../../grpc/failures.ts';
import type { BigQueryAdapterOptions } from '../bigquery-options.ts';
import { BigQueryConnection } from '../client/bigquery-connection.ts';
import { checkedOptions } from '../client/checked-options.ts';
import { lakeError } from '../client/failures.ts';
import { Jobs } from '../client/jobs.ts';
import { Appends } from './append.ts';
import { bigQueryDialect } from './bigquery-dialect.ts';
import { Queries, queryError } from './run-query.ts';
import { unknownTable } from './table-definition.ts';
import { Tables } from './tables.ts';

type Signal = AbortSignal | undefined;

/** The lake as tables of a dataset of BigQuery. */
export class BigQueryLake implements Lake {
  readonly dialect: SqlDialect = bigQueryDialect;
  readonly #tables: Tables;
  readonly #queries: Queries;
  readonly #appends: Appends;
  readonly #closing = new AbortController();

  private constructor(connection: BigQueryConnection) {
    const jobs = new Jobs(connection);
    this.#tables = new Tables(connection, jobs);
    this.#queries = new Queries(connection, jobs);
    this.#appends = new Appends(connection, jobs, this.#tables, (sql, signal) => this.#oneRow(sql, signal));
  }

  /** @throws MilongaError `MILONGA_WIRING_CREATE_FAILED` when the SDK is not installed or an option cannot work. */
  static async open(options: BigQueryAdapterOptions): Promise<BigQueryLake> {
    return new BigQueryLake(await BigQueryConnection.open(checkedOptions(options)));
  }

  async ensureTables(tables: readonly LakeTable[]): Promise<void> {
    const signal = this.#begin(undefined);
    for (const table of tables) {
      const what = `Ensuring the table "${table.name}"`;
      await this.#told(
        undefined,
        () => this.#tables.ensure(table, signal),
        (error) => lakeError('MILONGA_LAKE_APPEND_FAILED', what, error),
      );
    }
  }

  async append(
    table: string,
    rows: Frame,
    options: { readonly ranges: readonly OffsetRange[]; readonly signal?: AbortSignal },
  ): Promise<void> {
    const signal = this.#begin(options.signal);
    const failed = (error: unknown): MilongaError =>
      lakeError('MILONGA_LAKE_APPEND_FAILED', `A batch of table "${table}"`, error);
    await this.#told(options.signal, () => this.#appends.append(table, rows, options.ranges, signal), failed);
  }

  async positions(table: string): Promise<ReadonlyMap<number, number>> {
    const signal = this.#begin(undefined);
    const work = async (): Promise<ReadonlyMap<number, number>> => {
      await this.#tables.get(table, 'MILONGA_LAKE_QUERY_FAILED', signal);
      return this.#appends.positions(table, signal);
    };
    return this.#told(undefined, work, queryError);
  }

  async *query(
    sql: string,
    parameters: readonly SqlParameter[] = [],
    options: { readonly frames?: Readonly<Record<string, Frame>>; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<Frame> {
    const { frames = {} } = options;
    const signal = this.#begin(options.signal);
    try {
      await this.#checkFrameNames(Object.keys(frames), signal);
      yield* this.#queries.run({ sql, parameters, frames }, signal);
    } catch (error) {
      throw this.#ended(options.signal) ?? queryError(error);
    }
  }

  /** BigQuery does so by itself. */
  async compact(
    table: string,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<{ readonly filesBefore: number; readonly filesAfter: number }> {
    const signal = this.#begin(options.signal);
    const find = (): Promise<unknown> => this.#tables.get(table, 'MILONGA_LAKE_QUERY_FAILED', signal);
    await this.#told(options.signal, find, queryError);
    return { filesBefore: 0, filesAfter: 0 };
  }

  /** Ends what runs and takes no more calls. The client may be yours, and stays open. */
  close(): void {
    this.#closing.abort();
  }

  /** The signal of a call: it aborts when the caller cancels, and when the lake is closed. */
  #begin(signal: Signal): AbortSignal {
    if (this.#closing.signal.aborted) throw closed('lake');
    throwIfAborted(signal, 'The lake');
    return signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
  }

  #ended(signal: Signal): MilongaError | undefined {
    if (this.#closing.signal.aborted) return closed('lake');
    return signal?.aborted ? aborted('The lake', signal) : undefined;
  }

  async #told<Result>(
    signal: Signal,
    work: () => Promise<Result>,
    asPortError: (error: unknown) => MilongaError,
  ): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw this.#ended(signal) ?? asPortError(error);
    }
  }

  async #oneRow(sql: string, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
    for await (const frame of this.#queries.run({ sql, parameters: [], frames: {} }, signal)) return frame.toRows()[0]!;
    throw unknownTable(sql, 'MILONGA_LAKE_QUERY_FAILED');
  }

  async #checkFrameNames(names: readonly string[], signal: AbortSignal): Promise<void> {
    const taken = new Set(names.length === 0 ? [] : (await this.#tables.names(signal)).keys());
    for (const name of names) {
      if (taken.has(name.toLowerCase())) {
        throw new MilongaError(
          'MILONGA_LAKE_QUERY_FAILED',
          `The frame "${name}" has the name of a table or of another frame, as SQL sees it; give it another.`,
        );
      }
      taken.add(name.toLowerCase());
    }
  }
}
