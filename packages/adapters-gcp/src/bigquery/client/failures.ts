import { type ErrorCode, MilongaError, messageOf } from '@milonga/core';

/** What BigQuery says of a failure, in an answer over HTTP and in the state of a job alike. */
export interface Reason {
  readonly reason?: string;
  readonly message?: string;
}

/** A job that ended in an error. */
export class JobFailed extends Error {
  readonly reason: string;

  constructor({ reason = 'unknown', message = 'no message' }: Reason) {
    super(message);
    this.name = 'JobFailed';
    this.reason = reason;
  }
}

/** A request that took longer than it may. */
export class RequestTimeout extends Error {}

const TRANSIENT_REASONS: ReadonlySet<string> = new Set([
  'backendError',
  'internalError',
  'jobBackendError',
  'jobInternalError',
  'jobRateLimitExceeded',
  'rateLimitExceeded',
  'tableUnavailable',
]);
const CONNECTION =
  /ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN|ENOTFOUND|socket hang up|network timeout|Premature close|invalid json/i;

/** The status of an answer over HTTP; `undefined` when there was none. */
export function statusOf(error: unknown): number | undefined {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  return typeof code === 'number' ? code : undefined;
}

/** BigQuery's word for the failure, such as `notFound`; empty when there is none. */
export function reasonOf(error: unknown): string {
  if (error instanceof JobFailed) return error.reason;
  const [first] = (error as { readonly errors?: readonly Reason[] } | undefined)?.errors ?? [];
  return first?.reason ?? '';
}

/** True when the same may succeed later: BigQuery was away or busy, or the connection broke. */
export function isTransient(error: unknown): boolean {
  if (error instanceof RequestTimeout || TRANSIENT_REASONS.has(reasonOf(error))) return true;
  if (error instanceof JobFailed) return false;
  const status = statusOf(error);
  if (status !== undefined) return status >= 500 || status === 429 || status === 408;
  const code = String((error as { readonly code?: unknown } | undefined)?.code);
  return CONNECTION.test(`${code} ${messageOf(error)}`);
}

/** A failure as an error of the port; what is Milonga's already stays as it is. */
export function lakeError(code: ErrorCode, what: string, error: unknown): MilongaError {
  if (MilongaError.isInstance(error)) return error;
  const isRetryable = isTransient(error);
  const advice = isRetryable ? ' BigQuery is away or busy; retry.' : adviceOf(error);
  const message = messageOf(error).replace(/\n\n+/g, '\n').trim().slice(0, 4_000);
  return new MilongaError(code, `${what} failed: ${message}${advice}`, { cause: error, isRetryable });
}

const ADVICE: Readonly<Record<string, string>> = {
  accessDenied: ' Look at the project, the credentials and their permissions.',
  quotaExceeded: ' Look at the quotas of the project.',
  bytesBilledLimitExceeded: ' Raise `maximumBytesBilled`, or read less: name a span of time of the partition column.',
  responseTooLarge: ' Read less at once.',
};

const adviceOf = (error: unknown): string => ADVICE[reasonOf(error)] ?? '';
