import { MilongaError, messageOf } from '@milonga/core';

const TRANSIENT_STATUS: ReadonlySet<number> = new Set([408, 409, 425, 429, 500, 502, 503, 504]);
const CONNECTION_CODES: ReadonlySet<string> = new Set([
  'ABORT_ERR',
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ETIMEDOUT',
]);

/** What arrived is not what was stored, or the other way round; another try may do better. */
export class DamagedTransfer extends Error {}

/** What went wrong is mended: another try may do. */
export class TryAgain extends Error {}

interface Failure {
  readonly code?: unknown;
  readonly status?: unknown;
  readonly type?: unknown;
  readonly cause?: unknown;
  readonly message?: unknown;
}

/** The HTTP status that an error of the SDK stands for; `undefined` when no answer came. */
export function statusOf(error: unknown): number | undefined {
  const { code, status } = (error ?? {}) as Failure;
  for (const value of [code, status]) {
    const found = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
    if (typeof found === 'number' && found >= 100 && found < 600) return found;
  }
  return undefined;
}

/** True when the same request may succeed later: the service was away, busy, or the connection broke. */
export function isTransient(error: unknown): boolean {
  const status = statusOf(error);
  if (status !== undefined) return TRANSIENT_STATUS.has(status);
  return (
    error instanceof DamagedTransfer || error instanceof TryAgain || isConnectionFailure(error as Failure | undefined)
  );
}

function isConnectionFailure(error: Failure | undefined): boolean {
  if (error === undefined || error === null) return false;
  if (CONNECTION_CODES.has(String(error.code)) || error.type === 'request-timeout') return true;
  // An upload says so in words alone; an answer that was cut off is no JSON.
  const message = String(error.message);
  if (/^Retry (limit|total time limit) exceeded/.test(message)) return !/status: 4(?!08|09|29)/.test(message);
  if (/socket hang up|premature close|network timeout|invalid json response body|Unexpected end of JSON/i.test(message))
    return true;
  return error.cause !== error && isConnectionFailure(error.cause as Failure | undefined);
}

/** A failure as an error of the port. Errors that are Milonga's already stay as they are. */
export function storageError(what: string, error: unknown): MilongaError {
  if (MilongaError.isInstance(error)) return error;
  if (error instanceof DamagedTransfer)
    return new MilongaError('MILONGA_STORAGE_CORRUPT', `${what} failed: ${error.message}`, { cause: error });
  const isRetryable = isTransient(error);
  const advice = isRetryable
    ? 'Cloud Storage is away or busy; retry.'
    : 'Look at the bucket, the project, the credentials and their permissions.';
  const message = messageOf(error).trim().slice(0, 1_000);
  return new MilongaError('MILONGA_ARTIFACT_STORE_UNAVAILABLE', `${what} failed: ${message} ${advice}`, {
    cause: error,
    isRetryable,
  });
}
