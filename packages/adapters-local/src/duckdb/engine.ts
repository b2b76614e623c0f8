import { MilongaError } from '@milonga/core';
import { DuckDBInstance } from '@duckdb/node-api';
import { closed } from '../environment/storage-errors.ts';
import { DIALECT_MACROS } from './duck-dialect.ts';
import { FrameFunction } from './frame-function.ts';
import { Gate } from './gate.ts';
import { Session } from './session.ts';

/** What one DuckDB instance may use. */
export interface EngineOptions {
  readonly memoryLimitMiB: number;
  readonly threads: number;
  /** Statements that work at the same time; each takes one of libuv's threads while it does. */
  readonly concurrency: number;
  /** The only directory whose files statements may read and write; none: no files at all. */
  readonly dir?: string;
  /** Where what does not fit into memory goes; none: nothing does. */
  readonly tempDir?: string;
}

/** Sessions kept for the next statement. */
const MOST_IDLE = 4;
/** Sessions in all, so that queries that nobody reads to their end cannot pile up without limit. */
const MOST_SESSIONS = 64;

/** A DuckDB instance in memory, and the connections to it. */
export class DuckEngine {
  readonly frames: FrameFunction;
  /** Statements of queries pass here one by one, so that a slow reader holds no thread. */
  readonly queries: Gate;
  /** Statements that write files. */
  readonly writes: Gate = new Gate(1);
  readonly #instance: DuckDBInstance;
  readonly #sessions: Gate = new Gate(MOST_SESSIONS);
  readonly #idle: Session[];
  readonly #busy = new Map<Session, Promise<void>>();
  readonly #closing = new AbortController();

  private constructor(instance: DuckDBInstance, first: Session, concurrency: number) {
    this.#instance = instance;
    this.#idle = [first];
    this.queries = new Gate(concurrency);
    this.frames = new FrameFunction(first.connection);
  }

  static async open(options: EngineOptions): Promise<DuckEngine> {
    const instance = await DuckDBInstance.create(':memory:', configuration(options));
    const first = new Session(await instance.connect());
    await first.run(`${DIALECT_MACROS}; ${confinement(options.dir)}`);
    return new DuckEngine(instance, first, options.concurrency);
  }

  get isOpen(): boolean {
    return !this.#closing.signal.aborted;
  }

  /** Aborts when the engine is closed. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Lends a session to `work`. @throws MilongaError `MILONGA_CLOSED`. */
  withSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#sessions.through(async () => {
      const { session, release } = await this.#take();
      try {
        return await work(session);
      } finally {
        release();
      }
    });
  }

  /** As {@link withSession}, for work that gives results as it goes. */
  async *streamWithSession<T>(work: (session: Session) => AsyncIterable<T>): AsyncGenerator<T> {
    const { session, release } = await this.#enter();
    try {
      yield* work(session);
    } finally {
      release();
    }
  }

  /** Stops what runs, waits for it, and gives all memory back. */
  async close(): Promise<void> {
    if (!this.isOpen) return;
    this.#closing.abort(new MilongaError('MILONGA_CLOSED', 'The lake was closed.'));
    await Promise.all(this.#busy.values());
    for (const { connection } of this.#idle.splice(0)) connection.closeSync();
    this.#instance.closeSync();
  }

  #enter(): Promise<{ readonly session: Session; readonly release: () => void }> {
    return new Promise((resolve, reject) => {
      this.#sessions.through(async () => {
        const { session, release } = await this.#take();
        await new Promise<void>((leave) => resolve({ session, release: () => { release(); leave(); } }));
      }).catch(reject);
    });
  }

  async #take(): Promise<{ readonly session: Session; readonly release: () => void }> {
    this.checkOpen();
    const { promise, resolve } = Promise.withResolvers<void>();
    const session = this.#idle.pop() ?? new Session(await this.#instance.connect());
    this.#busy.set(session, promise);
    const release = (): void => {
      this.#busy.delete(session);
      if (this.isOpen && this.#idle.length < MOST_IDLE) this.#idle.push(session);
      else session.connection.closeSync();
      resolve();
    };
    return { session, release };
  }

  checkOpen(): void {
    if (!this.isOpen) throw closed('lake');
  }
}

const configuration = ({ memoryLimitMiB, threads, tempDir }: EngineOptions): Record<string, string> => ({
  memory_limit: `${memoryLimitMiB}MiB`,
  threads: String(threads),
  temp_directory: tempDir ?? '',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
});

/**
 * No copy is kept of what files hold: the operating system does that. From here on the instance reaches nothing but its
 * directory, and no statement can change that.
 */
const confinement = (dir: string | undefined): string => `
  SET GLOBAL parquet_metadata_cache = true;
  SET GLOBAL enable_external_file_cache = false;
  ${dir === undefined ? '' : `SET allowed_directories = ['${dir.replaceAll("'", "''")}'];`}
  SET enable_external_access = false;
  SET lock_configuration = true`;
