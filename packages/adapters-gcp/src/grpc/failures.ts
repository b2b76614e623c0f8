import { type ErrorCode, MilongaError, messageOf } from '@milonga/core';

/** gRPC's status codes, as far as something depends on them. */
export const GRPC = {
  cancelled: 1,
  unknown: 2,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  internal: 13,
  unavailable: 14,
} as const;

const RETRYABLE: ReadonlySet<number> = new Set([
  GRPC.cancelled,
  GRPC.unknown,
  GRPC.deadlineExceeded,
  GRPC.resourceExhausted,
  GRPC.aborted,
  GRPC.internal,
  GRPC.unavailable,
]);

/** The status code of an error from a Google client; `undefined` when it comes from elsewhere. */
export function grpcCodeOf(error: unknown): number | undefined {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  return typeof code === 'number' ? code : undefined;
}

/** True when the same call may succeed later: the service was away, busy, or the connection broke. */
export function isTransient(error: unknown): boolean {
  const code = grpcCodeOf(error);
  return code === undefined ? isConnectionError(error) : RETRYABLE.has(code);
}

const isConnectionError = (error: unknown): boolean =>
  ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ERR_STREAM_PREMATURE_CLOSE'].includes(
    String((error as { readonly code?: unknown } | undefined)?.code),
  );

/** A failure of a Google client as an error of the port. Errors that are Milonga's already stay as they are. */
export function portError(
  code: ErrorCode,
  what: string,
  error: unknown,
  isRetryable: boolean = isTransient(error),
): MilongaError {
  if (MilongaError.isInstance(error)) return error;
  const advice = isRetryable
    ? 'The service is away or busy; retry.'
    : 'Look at the project, the credentials and the names in the options.';
  return new MilongaError(code, `${what} failed: ${messageOf(error)} ${advice}`, { cause: error, isRetryable });
}

/** The error for a call after close. */
export const closed = (what: string): MilongaError =>
  new MilongaError('MILONGA_CLOSED', `The ${what} was used after it was closed.`);

/** The error for a call that its caller has cancelled. */
export const aborted = (what: string, signal: AbortSignal | undefined): MilongaError =>
  new MilongaError('MILONGA_ABORTED', `${what} was cancelled.`, { cause: signal?.reason });
