import type { BigQuery } from '@google-cloud/bigquery';
import pLimit, { type LimitFunction } from 'p-limit';
import { delayAfter, pauseFor } from '../../grpc/backoff.ts';
import type { CheckedOptions } from './checked-options.ts';
import { isTransient, RequestTimeout } from './failures.ts';
import { loadBigQuery } from './load-bigquery.ts';

/** A request to BigQuery's interface over HTTP. */
export interface Request {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** After the project, such as `/jobs`; or an address of its own, beginning with `https:`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Is sent as JSON. */
  readonly json?: unknown;
  /** Is sent as it is, with its content type. */
  readonly body?: { readonly type: string; readonly bytes: Buffer };
  /** What the request depends on: the version of what it changes. */
  readonly etag?: string | undefined;
}

const BACKOFF = { firstMs: 50, longestMs: 2_000 };
const BYTES_PER_MS = 1_048;

/**
 * Requests by the client of the SDK, which has the credentials. Its helpers for jobs and tables are not used: they go on
 * for minutes, and replace "{{projectId}}" wherever it stands in what is sent, in rows and parameters too.
 */
export class BigQueryConnection {
  readonly options: CheckedOptions;
  readonly project: string;
  readonly location: string;
  readonly #client: BigQuery;
  readonly #limited: LimitFunction;

  private constructor(client: BigQuery, project: string, options: CheckedOptions) {
    this.#client = client;
    this.#limited = pLimit(options.concurrency);
    this.options = options;
    this.project = project;
    this.location = options.location ?? client.location ?? 'US';
  }

  /** Loads the SDK and makes the client; connects at the first call. */
  static async open(options: CheckedOptions): Promise<BigQueryConnection> {
    const sdk = await loadBigQuery();
    const { client: given } = options;
    const client = (typeof given === 'function' ? await given() : given) ?? new sdk.BigQuery(options.clientOptions);
    return new BigQueryConnection(client, await client.getProjectId(), options);
  }

  /** Where files are sent to. */
  get uploadUrl(): string {
    return `${this.#client.apiEndpoint}/upload/bigquery/v2/projects/${this.project}/jobs`;
  }

  /**
   * Asks until there is an answer or time is up; only for requests that may be repeated. Waiting ends when the signal
   * aborts, by rejecting with its reason; the request then ends by itself.
   */
  async ask<Answer>(request: Request, signal: AbortSignal): Promise<Answer> {
    const endsAt = performance.now() + this.options.retryTimeoutMs;
    for (let attempt = 1; ; attempt += 1) {
      signal.throwIfAborted();
      try {
        return await this.#limited(() => this.#once<Answer>(request, signal));
      } catch (error) {
        signal.throwIfAborted();
        const delayMs = delayAfter(attempt, BACKOFF);
        if (!isTransient(error) || performance.now() + delayMs > endsAt) throw error;
        await pauseFor(delayMs, signal);
      }
    }
  }

  #once<Answer>({ method, path, query, json, body, etag }: Request, signal: AbortSignal): Promise<Answer> {
    const bytes = body?.bytes ?? (json === undefined ? undefined : Buffer.from(JSON.stringify(json)));
    const headers = {
      ...(bytes === undefined ? {} : { 'Content-Type': body?.type ?? 'application/json' }),
      ...(etag === undefined ? {} : { 'If-Match': etag }),
    };
    const qs = Object.fromEntries(Object.entries(query ?? {}).filter(([, value]) => value !== undefined));
    const limitMs = this.options.requestTimeoutMs + (bytes?.length ?? 0) / BYTES_PER_MS;
    return new Promise<Answer>((resolve, reject) => {
      const late = setTimeout(() => reject(new RequestTimeout(`No answer within ${Math.round(limitMs)} ms.`)), limitMs);
      const leave = (): void => reject(signal.reason);
      const settle = (error: unknown, answer?: unknown): void => {
        clearTimeout(late);
        signal.removeEventListener('abort', leave);
        if (error) reject(error);
        else resolve(answer as Answer);
      };
      signal.addEventListener('abort', leave, { once: true });
      const request = { method, uri: path, qs, headers, ...(bytes && { body: bytes }), maxRetries: 0 };
      this.#client.request(request, settle);
    });
  }
}
