import { randomUUID } from 'node:crypto';
import type { BigQueryConnection } from './bigquery-connection.ts';
import { JobFailed, type Reason, reasonOf, statusOf } from './failures.ts';

export interface JobReference {
  readonly projectId: string;
  readonly jobId: string;
  readonly location?: string;
}

/** A table by its whole name. */
export interface TableReference {
  readonly projectId: string;
  readonly datasetId: string;
  readonly tableId: string;
}

/** As much of a job as is used. */
export interface Job {
  readonly jobReference: JobReference;
  readonly status?: { readonly state?: string; readonly errorResult?: Reason };
  readonly configuration?: { readonly query?: { readonly destinationTable?: TableReference } };
  readonly statistics?: { readonly query?: { readonly totalBytesBilled?: string } };
}

/** What a job is told to do, as BigQuery's interface has it. */
export type JobConfiguration = Readonly<Record<string, unknown>>;

/** Waits of BigQuery until it answers that a job still works. */
const LONG_POLL_MS = 10_000;
/** How long a cancelled job gets to say how it ended. */
const CANCEL_MS = 5_000;

export const newJobId = (what: string): string => `milonga_${what}_${randomUUID()}`;

/** Jobs: begun under names of our own, so that one whose answer was lost is found, and never begun twice. */
export class Jobs {
  readonly #connection: BigQueryConnection;

  constructor(connection: BigQueryConnection) {
    this.#connection = connection;
  }

  /** Begins a job; gives the one of this name when it began before. */
  async begin(jobId: string, configuration: JobConfiguration, signal: AbortSignal): Promise<Job> {
    const { project, location, options } = this.#connection;
    const json = {
      jobReference: { projectId: project, jobId, location },
      configuration: {
        jobTimeoutMs: String(options.jobTimeoutMs),
        labels: { application: 'milonga' },
        ...configuration,
      },
    };
    return this.#orKnown(jobId, signal, () =>
      this.#connection.ask<Job>({ method: 'POST', path: '/jobs', json }, signal),
    );
  }

  /** Begins a job that loads these rows of JSON. */
  async beginLoad(jobId: string, load: JobConfiguration, rows: Buffer, signal: AbortSignal): Promise<Job> {
    const { project, location, options } = this.#connection;
    const json = JSON.stringify({
      jobReference: { projectId: project, jobId, location },
      configuration: { jobTimeoutMs: String(options.jobTimeoutMs), labels: { application: 'milonga' }, load },
    });
    const boundary = randomUUID();
    const before = `--${boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n${json}\r\n--${boundary}\r\nContent-Type: application/octet-stream\r\n\r\n`;
    const bytes = Buffer.concat([Buffer.from(before), rows, Buffer.from(`\r\n--${boundary}--\r\n`)]);
    const body = { type: `multipart/related; boundary=${boundary}`, bytes };
    const query = { uploadType: 'multipart' };
    return this.#orKnown(jobId, signal, () =>
      this.#connection.ask<Job>({ method: 'POST', path: this.#connection.uploadUrl, query, body }, signal),
    );
  }

  /** Waits until a job is done. @throws JobFailed when it ended in an error. */
  async finish(begun: Job, signal: AbortSignal): Promise<Job> {
    let job = begun;
    for (let waitMs = 100; job.status?.state !== 'DONE'; waitMs = Math.min(waitMs * 1.5, 2_000)) {
      await this.#pause(waitMs, signal);
      job = await this.get(begun.jobReference, signal);
    }
    if (job.status.errorResult !== undefined) throw new JobFailed(job.status.errorResult);
    return job;
  }

  get({ jobId, location }: JobReference, signal: AbortSignal): Promise<Job> {
    return this.#connection.ask<Job>({ method: 'GET', path: `/jobs/${jobId}`, query: { location } }, signal);
  }

  /** A page of what a query found; without `isComplete` it is still at work. */
  results<Page>(
    { jobId, location }: JobReference,
    page: { readonly maxResults: number; readonly pageToken?: string | undefined },
    signal: AbortSignal,
  ): Promise<Page> {
    const query = { location, ...page, timeoutMs: LONG_POLL_MS, 'formatOptions.useInt64Timestamp': true };
    return this.#connection.ask<Page>({ method: 'GET', path: `/queries/${jobId}`, query }, signal);
  }

  /** Asks BigQuery to end a job, and does not wait for it. */
  cancel({ jobId, location }: JobReference): void {
    const request = { method: 'POST', path: `/jobs/${jobId}/cancel`, query: { location } } as const;
    this.#connection.ask(request, AbortSignal.timeout(CANCEL_MS)).catch(() => undefined); // it ends by itself in time
  }

  /** Asks BigQuery to end a job, and tells how it ended; `undefined` when that cannot be learned soon. */
  async cancelled(reference: JobReference): Promise<Job | undefined> {
    this.cancel(reference);
    const soon = AbortSignal.timeout(CANCEL_MS);
    try {
      for (;;) {
        const job = await this.get(reference, soon);
        if (job.status?.state === 'DONE') return job;
        await this.#pause(100, soon);
      }
    } catch (error) {
      return statusOf(error) === 404 ? { jobReference: reference, status: { errorResult: {} } } : undefined;
    }
  }

  async #orKnown(jobId: string, signal: AbortSignal, begin: () => Promise<Job>): Promise<Job> {
    try {
      return await begin();
    } catch (error) {
      if (statusOf(error) !== 409 && reasonOf(error) !== 'duplicate') throw error;
      const { project: projectId, location } = this.#connection;
      return this.get({ projectId, jobId, location }, signal);
    }
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', end);
        resolve();
      }, ms);
      if (signal.aborted) end();
      else signal.addEventListener('abort', end, { once: true });
    });
  }
}
