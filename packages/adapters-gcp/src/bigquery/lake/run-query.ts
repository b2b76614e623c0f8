import { type Fields, type Frame, MilongaError, messageOf, type SqlParameter } from '@milonga/core';
import type { BigQueryConnection } from '../client/bigquery-connection.ts';
import { isTransient, JobFailed } from '../client/failures.ts';
import { type Job, type Jobs, newJobId } from '../client/jobs.ts';
import { queryParameters, typings } from './parameters.ts';
import { frameOfPage, type Page } from './read-page.ts';
import { typesOfResult } from './result-types.ts';
import { type ScratchTable, scratchTable, wholeName } from './scratch.ts';
import { readStatement, withTables } from './statement.ts';

/** A query as the port has it. */
export interface Query {
  readonly sql: string;
  readonly parameters: readonly SqlParameter[];
  readonly frames: Readonly<Record<string, Frame>>;
}

/** A query that BigQuery has begun to answer. */
interface Answered {
  readonly job: Job;
  readonly first: Page;
}

const MOST_ATTEMPTS = 4;

/** Queries: frames become tables of their own, the statement a job, its result frames. */
export class Queries {
  readonly #connection: BigQueryConnection;
  readonly #jobs: Jobs;

  constructor(connection: BigQueryConnection, jobs: Jobs) {
    this.#connection = connection;
    this.#jobs = jobs;
  }

  /** Frames, none of them empty. The job is ended when the reader leaves before it is done. */
  async *run({ sql, parameters, frames }: Query, signal: AbortSignal): AsyncGenerator<Frame> {
    const statement = readStatement(sql);
    queryParameters(parameters, statement.parameters);
    const scratch = await this.#lend(frames, signal);
    try {
      const names = scratch.map(({ name, table }) => `\`${name}\` AS (SELECT * FROM ${wholeName(table.reference)})`);
      const answered = await this.#answer(withTables(statement, names), parameters, signal);
      yield* this.#read(answered, signal);
    } finally {
      for (const { table } of scratch) table.drop();
    }
  }

  async #lend(
    frames: Readonly<Record<string, Frame>>,
    signal: AbortSignal,
  ): Promise<readonly { readonly name: string; readonly table: ScratchTable }[]> {
    const outcomes = await Promise.allSettled(
      Object.entries(frames).map(async ([name, frame]) => {
        const what = `The frame "${name}" of a query`;
        const code = 'MILONGA_LAKE_QUERY_FAILED';
        return { name, table: await scratchTable(this.#connection, this.#jobs, what, frame, code, signal) };
      }),
    );
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    const made = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    if (failed === undefined) return made;
    for (const { table } of made) table.drop();
    throw failed.reason;
  }

  /** Nulls and empty lists have no type of their own: the ones that fit are found by trying, which costs nothing. */
  async #answer(sql: string, values: readonly SqlParameter[], signal: AbortSignal): Promise<Answered> {
    let first: unknown;
    for (const types of typings(values)) {
      try {
        return await this.#begin(sql, queryParameters(values, values.length, types), signal);
      } catch (error) {
        first ??= error;
        if (!(error instanceof JobFailed) || error.reason !== 'invalidQuery') throw error;
      }
    }
    throw first;
  }

  async #begin(sql: string, parameters: readonly object[], signal: AbortSignal): Promise<Answered> {
    const { project: projectId, options } = this.#connection;
    const { dataset: datasetId, maximumBytesBilled, rowsPerPage: maxResults } = options;
    const query = {
      query: sql,
      useLegacySql: false,
      defaultDataset: { projectId, datasetId },
      ...(parameters.length === 0 ? {} : { parameterMode: 'POSITIONAL', queryParameters: parameters }),
      ...(maximumBytesBilled === undefined ? {} : { maximumBytesBilled: String(maximumBytesBilled) }),
    };
    for (let attempt = 1; ; attempt += 1) {
      const jobId = newJobId('query');
      try {
        const job = await this.#jobs.begin(jobId, { query }, signal);
        if (job.status?.state === 'DONE') await this.#jobs.finish(job, signal);
        return { job, first: await this.#firstPage(job, maxResults, signal) };
      } catch (error) {
        if (signal.aborted) this.#jobs.cancel({ projectId, jobId, location: this.#connection.location });
        if (!(error instanceof JobFailed) || !isTransient(error) || attempt === MOST_ATTEMPTS) throw error;
      }
    }
  }

  async #firstPage(job: Job, maxResults: number, signal: AbortSignal): Promise<Page> {
    for (;;) {
      try {
        const page = await this.#jobs.results<Page>(job.jobReference, { maxResults }, signal);
        if (page.jobComplete !== false) return page;
      } catch (error) {
        signal.throwIfAborted();
        // Of a job that failed BigQuery tells so here, with the status of a bad request.
        await this.#jobs.finish(await this.#jobs.get(job.jobReference, signal), signal);
        throw error;
      }
    }
  }

  async *#read({ job, first }: Answered, signal: AbortSignal): AsyncGenerator<Frame> {
    const columns = first.schema?.fields ?? [];
    const fields: Fields = typesOfResult(columns);
    const { rowsPerPage: maxResults } = this.#connection.options;
    let page = first;
    for (;;) {
      const { pageToken, rows = [] } = page;
      const next =
        pageToken === undefined || pageToken === ''
          ? undefined
          : this.#jobs.results<Page>(job.jobReference, { maxResults, pageToken }, signal);
      next?.catch(() => undefined); // whoever awaits it is told
      if (rows.length > 0) {
        yield frameOfPage(fields, columns, rows);
        signal.throwIfAborted();
      }
      if (next === undefined) return;
      page = await next;
    }
  }
}

/** The error for a statement that BigQuery refused or gave up. The message carries the place in the SQL. */
export function queryError(error: unknown): MilongaError {
  if (MilongaError.isInstance(error)) return error;
  const isRetryable = isTransient(error);
  const said = messageOf(error).replace(/\n\n+/g, '\n').trim().slice(0, 4_000);
  const message = isRetryable ? `The lake could not answer; retry. ${said}` : `The lake refused a query. ${said}`;
  return new MilongaError('MILONGA_LAKE_QUERY_FAILED', message, { cause: error, isRetryable });
}
