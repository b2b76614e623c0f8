import { ERROR_CODES, type ErrorCode, type ErrorIssue, MilongaError } from '@milonga/core';

/** The body of every answer that is not a success. */
export interface ErrorBody {
  readonly error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly isRetryable: boolean;
    readonly issues?: readonly ErrorIssue[];
  };
}

/** An error as HTTP. */
export interface ErrorReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ErrorBody;
  /** True when it is the server's fault and belongs into its log. */
  readonly isServerFault: boolean;
}

const STATUS: Partial<Record<ErrorCode, number>> = {
  MILONGA_REQUEST_INVALID: 400,
  MILONGA_SCHEMA_INVALID: 400,
  MILONGA_PIPELINE_UNKNOWN: 404,
  MILONGA_MODEL_UNKNOWN: 404,
  MILONGA_MODEL_VERSION_UNKNOWN: 404,
  MILONGA_ROLE_UNKNOWN: 404,
  MILONGA_REGISTRY_CONFLICT: 409,
  MILONGA_REQUEST_TOO_LARGE: 413,
  MILONGA_PIPELINE_OVERLOADED: 503,
  MILONGA_MODEL_NOT_LOADED: 503,
  MILONGA_EVENT_SINK_UNAVAILABLE: 503,
  MILONGA_ONLINE_STORE_UNAVAILABLE: 503,
  MILONGA_ONLINE_STORE_TIMEOUT: 503,
  MILONGA_CLOSED: 503,
  MILONGA_ABORTED: 503,
  MILONGA_DEADLINE_EXCEEDED: 504,
  MILONGA_STORAGE_FULL: 507,
};

/** Statuses that belong into the log: somebody has to do something about them. */
const isServerFault = (status: number): boolean => status === 500 || status === 507;

/**
 * Turns anything that a handler threw into a typed answer. What is not Milonga's error, or is the server's fault, tells the
 * client nothing of the inside: no message, no stack, no path. The log has it.
 *
 * @example
 * ```ts
 * const { status, headers, body } = errorReply(error);
 * response.writeHead(status, headers).end(JSON.stringify(body));
 * ```
 */
export function errorReply(error: unknown): ErrorReply {
  if (!MilongaError.isInstance(error))
    return replyOf(500, {}, 'MILONGA_INTERNAL', 'The server failed on this request; its log says why.');
  const status = STATUS[error.code] ?? 500;
  const { retryAfterMs = 1_000 } = error as { retryAfterMs?: number };
  const headers = status === 503 ? { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) } : {};
  if (isServerFault(status)) return replyOf(status, headers, error.code, ERROR_CODES[error.code], error.isRetryable);
  return replyOf(status, headers, error.code, error.message, error.isRetryable, error.issues);
}

/** An answer for a request that never came to a handler. */
export const refusal = (status: number, message: string): ErrorReply =>
  replyOf(status, {}, status === 413 ? 'MILONGA_REQUEST_TOO_LARGE' : 'MILONGA_REQUEST_INVALID', message);

function replyOf(
  status: number,
  headers: ErrorReply['headers'],
  code: ErrorCode,
  message: string,
  isRetryable: boolean = false,
  issues: readonly ErrorIssue[] = [],
): ErrorReply {
  const error = { code, message, isRetryable, ...(issues.length > 0 ? { issues } : {}) };
  return { status, headers, body: { error }, isServerFault: isServerFault(status) };
}
