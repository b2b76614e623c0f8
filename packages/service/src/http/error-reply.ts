import { type ErrorCode, type ErrorIssue, MilongaError } from '@milonga/core';

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
  MILONGA_EVENT_UNKNOWN: 400,
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

/** Fastify's own refusals, in our codes. */
const FASTIFY: Readonly<Record<string, { readonly status: number; readonly code: ErrorCode }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { status: 413, code: 'MILONGA_REQUEST_TOO_LARGE' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { status: 415, code: 'MILONGA_REQUEST_INVALID' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { status: 400, code: 'MILONGA_REQUEST_INVALID' },
  FST_ERR_CTP_INVALID_JSON_BODY: { status: 400, code: 'MILONGA_REQUEST_INVALID' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { status: 400, code: 'MILONGA_REQUEST_INVALID' },
};

/** Turns anything thrown into a typed answer. What is not ours, or is a defect, tells the client nothing of the inside. */
export function errorReply(error: unknown): ErrorReply {
  if (MilongaError.isInstance(error)) return replyOf(error);
  const { code, statusCode, message } = error as { code?: string; statusCode?: number; message?: string };
  const known = code === undefined ? undefined : FASTIFY[code];
  if (known !== undefined) return clientError(known.status, known.code, message ?? 'The request is not valid.');
  if (statusCode === 400) return clientError(400, 'MILONGA_REQUEST_INVALID', `The body is not valid JSON: ${message}`);
  return {
    status: 500,
    headers: {},
    body: {
      error: {
        code: 'MILONGA_INTERNAL',
        message: 'The server failed on this request; its log says why.',
        isRetryable: false,
      },
    },
    isServerFault: true,
  };
}

function replyOf(error: MilongaError): ErrorReply {
  const status = STATUS[error.code] ?? 500;
  const retryAfterMs = (error as { retryAfterMs?: number }).retryAfterMs ?? 1_000;
  return {
    status,
    headers: status === 503 ? { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) } : {},
    body: {
      error: {
        code: error.code,
        message: error.message,
        isRetryable: error.isRetryable,
        ...(error.issues.length > 0 ? { issues: error.issues } : {}),
      },
    },
    isServerFault: status === 500 || status === 507,
  };
}

const clientError = (status: number, code: ErrorCode, message: string): ErrorReply => ({
  status,
  headers: {},
  body: { error: { code, message, isRetryable: false } },
  isServerFault: false,
});
