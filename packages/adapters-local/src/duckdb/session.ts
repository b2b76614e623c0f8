import {
  type DuckDBConnection,
  type DuckDBDataChunk,
  type DuckDBPreparedStatement,
  type DuckDBResult,
  type DuckDBValue,
  StatementType,
} from '@duckdb/node-api';
import { MilongaError, type SqlParameter, throwIfAborted } from '@milonga/core';
import { bindParameters } from './parameters.ts';

/** An interrupt that comes before the engine has begun is lost, so it is repeated until the engine stops. */
const REPEAT_INTERRUPT_MS = 20;

/** One connection, used by one statement at a time. All work stops when `closing` aborts. */
export class Session {
  /** Versions of the views that this connection has of tables, by name. */
  readonly views: Map<string, number> = new Map();
  readonly #connection: DuckDBConnection;
  readonly #closing: AbortSignal;
  #running: Promise<unknown> | undefined;
  /** A result that has not been read to its end. */
  #open: DuckDBResult | undefined;
  #settling: Promise<void> | undefined;

  constructor(connection: DuckDBConnection, closing: AbortSignal) {
    this.#connection = connection;
    this.#closing = closing;
  }

  /** Runs a statement of our own for its effect; gives the number of rows that it changed or wrote. */
  async run(sql: string, signal?: AbortSignal): Promise<number> {
    return (await this.#call(signal, () => this.#connection.run(sql))).rowsChanged;
  }

  /** All rows of a small result of a statement of our own. */
  async rows(sql: string, signal?: AbortSignal): Promise<readonly (readonly DuckDBValue[])[]> {
    return (await this.#call(signal, () => this.#connection.runAndReadAll(sql))).getRows();
  }

  /**
   * Words of a statement that may name tables. DuckDB's own list leaves out what is a view already, as our tables are from
   * their first query on, and is empty for a statement with parameters.
   */
  tableNames(sql: string): readonly string[] {
    this.#checkOpen();
    return [...new Set(sql.match(/[A-Za-z_][A-Za-z0-9_]*/g))];
  }

  /**
   * Begins a query; its chunks are made as they are fetched.
   *
   * @throws MilongaError `MILONGA_LAKE_QUERY_FAILED` for several statements, or one that does not only read.
   */
  stream(sql: string, parameters: readonly SqlParameter[], signal: AbortSignal | undefined): Promise<DuckDBResult> {
    return this.#call(signal, async () => {
      const statements = await this.#connection.extractStatements(sql);
      if (statements.count !== 1) {
        throw new MilongaError('MILONGA_LAKE_QUERY_FAILED', `A query is one statement; found ${statements.count}.`);
      }
      const statement = await statements.prepare(0);
      try {
        checkReads(statement);
        bindParameters(statement, parameters);
        this.#open = await statement.stream();
        return this.#open;
      } finally {
        statement.destroySync();
      }
    });
  }

  /** The next chunk of a result; `undefined` at its end. */
  async fetch(result: DuckDBResult, signal: AbortSignal | undefined): Promise<DuckDBDataChunk | undefined> {
    const chunk = await this.#call(signal, () => result.fetchChunk());
    if (chunk !== null && chunk.rowCount > 0) return chunk;
    this.#open = undefined;
    return undefined;
  }

  /**
   * Ends a result that is not read to its end. Must come before anything that the engine does on this thread: threads of
   * the engine may still work for the result, and wait for this very thread to hand them rows of a frame.
   */
  settle(): Promise<void> {
    this.#settling ??= this.#settle().finally(() => {
      this.#settling = undefined;
    });
    return this.#settling;
  }

  async #settle(): Promise<void> {
    await this.#running?.catch(() => undefined);
    if (this.#open === undefined) return;
    this.#open = undefined;
    this.#connection.interrupt();
    await this.#connection.run('SELECT 1').catch(() => undefined); // the next statement ends the one before
  }

  /** Waits for what runs, which `closing` stops, and closes the connection. */
  async close(): Promise<void> {
    await this.settle();
    this.#connection.closeSync();
  }

  /** Waits for work of the engine, which is stopped when a signal aborts. */
  async #call<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    this.#checkOpen();
    throwIfAborted(signal, 'Work of the lake');
    let repeat: NodeJS.Timeout | undefined;
    const stop = (): void => {
      this.#connection.interrupt();
      repeat ??= setInterval(() => this.#connection.interrupt(), REPEAT_INTERRUPT_MS);
    };
    signal?.addEventListener('abort', stop, { once: true });
    this.#closing.addEventListener('abort', stop, { once: true });
    try {
      const running = work();
      this.#running = running;
      return await running;
    } catch (error) {
      this.#checkOpen();
      throwIfAborted(signal, 'Work of the lake');
      throw error;
    } finally {
      clearInterval(repeat);
      signal?.removeEventListener('abort', stop);
      this.#closing.removeEventListener('abort', stop);
      this.#running = undefined;
    }
  }

  #checkOpen(): void {
    if (this.#closing.aborted) throw this.#closing.reason;
  }
}

function checkReads({ statementType }: DuckDBPreparedStatement): void {
  if (statementType === StatementType.SELECT || statementType === StatementType.EXPLAIN) return;
  throw new MilongaError(
    'MILONGA_LAKE_QUERY_FAILED',
    'A query of the lake only reads: it begins with SELECT, WITH, FROM or EXPLAIN.',
  );
}
