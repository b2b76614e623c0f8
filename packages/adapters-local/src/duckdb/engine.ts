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
  /** Queries that work at the same time; each takes one of libuv's threads while it does. */
  readonly concurrentQueries: number;
  /** The only directory whose files statements may read and write; none: no files at all. */
  readonly dir?: string;
  /** Where what does not fit into memory goes; none: nothing does. */
  readonly tempDir?: string;
}

/** Sessions kept for the next statement. */
const MOST_IDLE = 4;
/** Sessions in all, so that queries that nobody reads to their end cannot pile up without limit. */
const MOST_SESSIONS = 64;

/** A session on loan. */
export interface Loan {
  readonly session: Session;
  readonly giveBack: () => void;
}

/** A DuckDB instance in memory, and the connections to it. */
export class DuckEngine {
  readonly frames: FrameFunction;
  /** Every step of a query passes here for itself, so that a slow reader holds no thread. */
  readonly queries: Gate;
  readonly #writes: Gate = new Gate(1);
  readonly #instance: DuckDBInstance;
  readonly #sessions: Gate = new Gate(MOST_SESSIONS);
  readonly #idle: Session[];
  readonly #busy = new Set<Session>();
  readonly #closing: AbortController;

  private constructor(
    instance: DuckDBInstance,
    frames: FrameFunction,
    first: Session,
    closing: AbortController,
    queries: number,
  ) {
    this.#instance = instance;
    this.frames = frames;
    this.#idle = [first];
    this.#closing = closing;
    this.queries = new Gate(queries);
  }

  static async open(options: EngineOptions): Promise<DuckEngine> {
    const instance = await DuckDBInstance.create(':memory:', configuration(options));
    const connection = await instance.connect();
    await connection.run(`${DIALECT_MACROS}; ${confinement(options.dir)}`);
    const closing = new AbortController();
    const first = new Session(connection, closing.signal);
    return new DuckEngine(instance, new FrameFunction(connection), first, closing, options.concurrentQueries);
  }

  /** @throws MilongaError `MILONGA_CLOSED`. */
  checkOpen(): void {
    if (this.#closing.signal.aborted) throw closed('lake');
  }

  /** Lends a session; it must be given back, idle. @throws MilongaError `MILONGA_CLOSED`. */
  async borrow(signal?: AbortSignal): Promise<Loan> {
    const leave = await this.#sessions.enter(signal);
    try {
      this.checkOpen();
      const session = this.#idle.pop() ?? new Session(await this.#instance.connect(), this.#closing.signal);
      this.#busy.add(session);
      return { session, giveBack: () => void this.#giveBack(session).finally(leave) };
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Lends a session to `work`. @throws MilongaError `MILONGA_CLOSED`. */
  async withSession<T>(work: (session: Session) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { session, giveBack } = await this.borrow(signal);
    try {
      return await work(session);
    } finally {
      giveBack();
    }
  }

  async #giveBack(session: Session): Promise<void> {
    if (this.#closing.signal.aborted) return; // close() has it
    this.#busy.delete(session);
    if (this.#idle.length < MOST_IDLE) this.#idle.push(session);
    else await session.close();
  }

  /** As {@link withSession}, for statements that write; one at a time. */
  write<T>(work: (session: Session) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#writes.through(() => this.withSession(work, signal), signal);
  }

  /** Stops what runs, waits for it, and gives all memory back. Results that are still being read end with an error. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(closed('lake'));
    await Promise.all([...this.#idle.splice(0), ...this.#busy].map((session) => session.close()));
    this.#instance.closeSync();
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
