import { type Frame, MilongaError, type OffsetRange } from '@milonga/core';
import { delayAfter, pauseFor } from '../../grpc/backoff.ts';
import type { BigQueryConnection } from '../client/bigquery-connection.ts';
import { JobFailed } from '../client/failures.ts';
import { type Job, type Jobs, newJobId, type TableReference } from '../client/jobs.ts';
import { checkRanges, overlapError, Ranges } from './ranges.ts';
import type { Page } from './read-page.ts';
import { rowsAsJson } from './rows-json.ts';
import { type ScratchTable, scratchTable, wholeName } from './scratch.ts';
import type { KnownTable, Tables } from './tables.ts';

/** What the table of the ranges says: its row, which every append changes. */
interface State {
  readonly version: number;
  readonly ranges: Ranges;
  readonly writer: string;
}

type Read = (sql: string, signal: AbortSignal) => Promise<Readonly<Record<string, unknown>>>;

const CODE = 'MILONGA_LAKE_APPEND_FAILED';
const CONFLICT = /concurrent update|due to concurrent|serializ/i;
const BACKOFF = { firstMs: 50, longestMs: 5_000 };

/**
 * Appends in one transaction: the row of the ranges is changed only if it is still what it was when overlaps were looked
 * for, and the rows come from a table that they were loaded into before. Two appends to one table change the same row, so
 * that one of them is undone and begins again.
 */
export class Appends {
  readonly #connection: BigQueryConnection;
  readonly #jobs: Jobs;
  readonly #tables: Tables;
  readonly #read: Read;
  readonly #states = new Map<string, State>();
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(connection: BigQueryConnection, jobs: Jobs, tables: Tables, read: Read) {
    this.#connection = connection;
    this.#jobs = jobs;
    this.#tables = tables;
    this.#read = read;
  }

  async append(name: string, rows: Frame, ranges: readonly OffsetRange[], signal: AbortSignal): Promise<void> {
    const { table, batch } = await this.#checked(name, rows, signal);
    checkRanges(name, ranges);
    const what = `A batch of table "${name}"`;
    if (ranges.length === 0) {
      if (rows.length > 0) await this.#load(table, await rowsAsJson(what, batch, CODE, signal), signal);
      return;
    }
    const known = this.#states.get(name);
    const overlap = known?.ranges.overlapWith(ranges);
    if (known !== undefined && overlap !== undefined) throw overlapError(name, overlap, known.ranges);
    const scratch =
      rows.length === 0 ? undefined : await scratchTable(this.#connection, this.#jobs, what, batch, CODE, signal);
    try {
      await this.#inTurn(name, signal, () => this.#commit(table, scratch, ranges, signal));
    } finally {
      scratch?.drop();
    }
  }

  async positions(name: string, signal: AbortSignal): Promise<ReadonlyMap<number, number>> {
    return (await this.#state(name, signal)).ranges.lasts();
  }

  /** The batch with the columns of the table. A table that is remembered may have got columns since. */
  async #checked(
    name: string,
    rows: Frame,
    signal: AbortSignal,
  ): Promise<{ readonly table: KnownTable; readonly batch: Frame }> {
    const table = await this.#tables.get(name, CODE, signal);
    try {
      return { table, batch: asTable(name, rows, table) };
    } catch {
      const now = (await this.#tables.refreshed(name, signal)) ?? table;
      return { table: now, batch: asTable(name, rows, now) };
    }
  }

  /** A batch that nothing protects needs no transaction: a load is atomic. */
  async #load({ reference }: KnownTable, rows: Buffer, signal: AbortSignal): Promise<void> {
    const load = {
      destinationTable: reference,
      sourceFormat: 'NEWLINE_DELIMITED_JSON',
      writeDisposition: 'WRITE_APPEND',
      createDisposition: 'CREATE_NEVER',
    };
    const jobId = newJobId('append');
    await this.#toItsEnd(jobId, signal, () => this.#jobs.beginLoad(jobId, load, rows, signal));
  }

  async #commit(
    table: KnownTable,
    scratch: ScratchTable | undefined,
    ranges: readonly OffsetRange[],
    signal: AbortSignal,
  ): Promise<void> {
    const name = table.reference.tableId;
    const endsAt = performance.now() + this.#connection.options.retryTimeoutMs;
    for (let attempt = 1; ; attempt += 1) {
      const state = this.#states.get(name) ?? (await this.#state(name, signal));
      const overlap = state.ranges.overlapWith(ranges);
      if (overlap !== undefined) throw overlapError(name, overlap, state.ranges);
      const writer = newJobId('append');
      const after = { version: state.version + 1, ranges: state.ranges.with(ranges), writer };
      if (await this.#isDone(this.#transaction(table, scratch?.reference, state, after), writer, signal)) {
        this.#states.set(name, after);
        return;
      }
      this.#states.delete(name);
      if ((await this.#state(name, signal)).writer === writer) return; // done, and begun again when its answer was lost
      const delayMs = delayAfter(attempt, BACKOFF);
      if (performance.now() + delayMs > endsAt) throw raced(name);
      await pauseFor(attempt === 1 ? 0 : delayMs, signal);
    }
  }

  /** True when the transaction was done; false when another append came first, and nothing of it is there. */
  async #isDone(query: string, writer: string, signal: AbortSignal): Promise<boolean> {
    try {
      const job = await this.#toItsEnd(writer, signal, () =>
        this.#jobs.begin(writer, { query: { query, useLegacySql: false } }, signal),
      );
      const page = await this.#jobs.results<Page>(job.jobReference, { maxResults: 1 }, signal);
      return page.rows?.[0]?.f[0]?.v === '1';
    } catch (error) {
      if (error instanceof JobFailed && CONFLICT.test(error.message)) return false;
      throw error;
    }
  }

  #transaction(
    { reference, columns }: KnownTable,
    rows: TableReference | undefined,
    before: State,
    after: State,
  ): string {
    const state = wholeName(this.#tables.referenceOf(reference.tableId, 'ranges'));
    const list = columns.map(({ name }) => `\`${name}\``).join(', ');
    const insert =
      rows === undefined
        ? ''
        : `INSERT INTO ${wholeName(reference)} (${list}) SELECT ${list} FROM ${wholeName(rows)} WHERE done = 1;\n`;
    return `DECLARE done INT64;
BEGIN TRANSACTION;
UPDATE ${state} SET version = ${after.version}, ranges = '${after.ranges.toText()}', writer = '${after.writer}' WHERE version = ${before.version};
SET done = (SELECT COUNT(*) FROM ${state} WHERE writer = '${after.writer}');
${insert}COMMIT TRANSACTION;
SELECT done;`;
  }

  /**
   * Runs a job that changes a table. When the caller cancels, it is told to end, and its end is waited for, so that
   * nothing becomes visible later; a job that had done its work by then has succeeded.
   */
  async #toItsEnd(jobId: string, signal: AbortSignal, begin: () => Promise<Job>): Promise<Job> {
    try {
      return await this.#jobs.finish(await begin(), signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      const { project: projectId, location } = this.#connection;
      const ended = await this.#jobs.cancelled({ projectId, jobId, location });
      if (ended?.status?.state === 'DONE' && ended.status.errorResult === undefined) return ended;
      throw error;
    }
  }

  async #state(name: string, signal: AbortSignal): Promise<State> {
    const table = wholeName(this.#tables.referenceOf(name, 'ranges'));
    const row = await this.#read(`SELECT version, ranges, writer FROM ${table}`, signal);
    const state = {
      version: row.version as number,
      ranges: Ranges.from(row.ranges as string),
      writer: row.writer as string,
    };
    this.#states.set(name, state);
    return state;
  }

  /** Appends of this process to one table go one after the other: at once they would only undo each other. */
  async #inTurn(name: string, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    const before = this.#turns.get(name) ?? Promise.resolve();
    const mine = before.then(() => {
      signal.throwIfAborted();
      return work();
    });
    const settled = mine.catch(() => undefined);
    this.#turns.set(name, settled);
    try {
      await mine;
    } finally {
      if (this.#turns.get(name) === settled) this.#turns.delete(name);
    }
  }
}

function asTable(name: string, rows: Frame, { fields }: KnownTable): Frame {
  const unknown = rows.layout.names.filter((column) => !(column in fields));
  if (unknown.length === 0) return rows.as(fields);
  throw new MilongaError(
    CODE,
    `Table "${name}" has no column "${unknown.join('", "')}". Declare it with ensureTables, or leave it out.`,
  );
}

const raced = (name: string): MilongaError =>
  new MilongaError(
    CODE,
    `A batch of table "${name}" found others first, again and again; nothing of it is visible. Retry.`,
    { isRetryable: true },
  );
