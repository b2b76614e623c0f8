import { MilongaError, type SqlParameter, throwIfAborted } from '@milonga/core';
import { type DuckDBConnection, type DuckDBPreparedStatement, type DuckDBResult, StatementType } from '@duckdb/node-api';
import { bindParameters } from './parameters.ts';

/** An interrupt that comes before the engine has begun is lost, so it is repeated until the engine stops. */
const REPEAT_INTERRUPT_MS = 20;

/** One connection, used by one statement at a time. */
export class Session {
  readonly connection: DuckDBConnection;
  /** Versions of the views that this connection has, by name. */
  readonly views: Map<string, number> = new Map();

  constructor(connection: DuckDBConnection) {
    this.connection = connection;
  }

  /** Runs a statement of our own for its effect. */
  async run(sql: string, signal?: AbortSignal): Promise<void> {
    await this.interruptible(signal, () => this.connection.run(sql));
  }

  /**
   * Prepares the one statement of a query and gives it its values.
   *
   * @throws MilongaError `MILONGA_LAKE_QUERY_FAILED` for several statements, or one that does not only read.
   */
  async prepare(sql: string, parameters: readonly SqlParameter[]): Promise<DuckDBPreparedStatement> {
    const statements = await this.connection.extractStatements(sql);
    if (statements.count !== 1) {
      throw new MilongaError('MILONGA_LAKE_QUERY_FAILED', `A query is one statement; found ${statements.count}.`);
    }
    const statement = await statements.prepare(0);
    try {
      if (statement.statementType !== StatementType.SELECT && statement.statementType !== StatementType.EXPLAIN) {
        throw new MilongaError('MILONGA_LAKE_QUERY_FAILED', 'A query of the lake only reads: it begins with SELECT, WITH, FROM or EXPLAIN.');
      }
      bindParameters(statement, parameters);
      return statement;
    } catch (error) {
      statement.destroySync();
      throw error;
    }
  }

  /** Begins a query; its chunks are made as they are fetched. */
  stream(statement: DuckDBPreparedStatement, signal: AbortSignal | undefined): Promise<DuckDBResult> {
    return this.interruptible(signal, () => statement.stream());
  }

  /** Waits for work of the engine, which is stopped when the signal aborts. */
  async interruptible<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    throwIfStopped(signal);
    if (signal === undefined) return work();
    let repeat: NodeJS.Timeout | undefined;
    const stop = (): void => {
      this.connection.interrupt();
      repeat = setInterval(() => this.connection.interrupt(), REPEAT_INTERRUPT_MS);
    };
    signal.addEventListener('abort', stop, { once: true });
    try {
      const result = await work();
      throwIfStopped(signal);
      return result;
    } catch (error) {
      throwIfStopped(signal);
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
      clearInterval(repeat);
    }
  }
}

/** Closing stops work through its signal too, and says so. */
export function throwIfStopped(signal: AbortSignal | undefined): void {
  const reason: unknown = signal?.reason;
  if (MilongaError.isInstance(reason) && reason.code === 'MILONGA_CLOSED') throw reason;
  throwIfAborted(signal, 'Work of the lake');
}
