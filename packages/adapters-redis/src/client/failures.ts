import { type ErrorCode, MilongaError, messageOf } from '@milonga/core';

/** The codes by which one port reports. */
export interface PortCodes {
  readonly unavailable: ErrorCode;
  readonly timeout: ErrorCode;
}

/** What an error of Redis or of a connection to it means for what to do next. */
export type FailureKind =
  | 'moved'
  | 'ask'
  | 'again'
  | 'no-script'
  | 'lost'
  | 'down'
  | 'not-replicated'
  | 'full'
  | 'denied'
  | 'corrupt'
  | 'other';

const BY_WORD: Readonly<Record<string, FailureKind>> = {
  MOVED: 'moved',
  ASK: 'ask',
  TRYAGAIN: 'again',
  READONLY: 'moved',
  NOSCRIPT: 'no-script',
  CLUSTERDOWN: 'down',
  LOADING: 'down',
  MASTERDOWN: 'down',
  BUSY: 'down',
  NOREPLICAS: 'down',
  OOM: 'full',
  MISCONF: 'full',
  NOAUTH: 'denied',
  WRONGPASS: 'denied',
  NOPERM: 'denied',
  WRONGTYPE: 'corrupt',
};

/** Writes that the master took, and its replicas did not: it may be lost, and the writes with it. */
export class NotReplicated extends Error {}

/** A reply of Redis begins with a word in capitals; everything else is about the connection. */
export function kindOf(error: Error): FailureKind {
  const kind = BY_WORD[error.message.split(' ', 1)[0]!];
  if (kind !== undefined) return kind;
  if (error instanceof NotReplicated) return 'not-replicated';
  if (error.name !== 'ReplyError') return 'lost';
  // A script that fails wraps the reply, or finds a row that it cannot read.
  if (error.message.includes('WRONGTYPE') || error.message.includes('milonga:corrupt')) return 'corrupt';
  if (error.message.includes('OOM ')) return 'full';
  return error.message.includes('READONLY') ? 'moved' : 'other';
}

/** The address that a MOVED or ASK names, as `host:port`. */
export const addressIn = (error: Error): string | undefined => error.message.split(' ')[2];

const ADVICE: Readonly<Record<FailureKind, string>> = {
  moved: 'The cluster is changing; retry.',
  ask: 'The cluster is changing; retry.',
  again: 'The cluster is changing; retry.',
  'no-script': 'Retry.',
  lost: 'See whether the server runs and can be reached; retry.',
  down: 'The server is not ready; retry.',
  'not-replicated': 'It may be lost with the master: write again, which also waits for a new replica.',
  full: 'Give the server more memory or disk (`maxmemory`), then retry.',
  denied: 'Look at the credentials and access rules.',
  corrupt: 'Something else wrote to this key; delete it, or use another `keyPrefix`.',
  other: 'Look at the cause.',
};

/** A failure of Redis as an error of the port. Errors that are Milonga's already stay as they are. */
export function portError(codes: PortCodes, what: string, error: unknown, lastError?: Error): MilongaError {
  if (MilongaError.isInstance(error)) return error;
  const kind = error instanceof Error ? kindOf(error) : 'other';
  // That a command was given up says less than why the connection broke.
  const cause = kind === 'lost' && lastError !== undefined ? lastError : error;
  const code =
    kind === 'full' ? 'MILONGA_STORAGE_FULL' : kind === 'corrupt' ? 'MILONGA_STORAGE_CORRUPT' : codes.unavailable;
  return new MilongaError(code, `The ${what} failed: ${reasonOf(cause)}. ${ADVICE[kind]}`, {
    cause,
    isRetryable: kind !== 'denied' && kind !== 'corrupt' && kind !== 'other',
  });
}

/** A message to be put into a sentence. */
export const reasonOf = (error: unknown): string => messageOf(error).replace(/\.+$/, '');

/** The error for a call after close. */
export const closed = (what: string): MilongaError =>
  new MilongaError('MILONGA_CLOSED', `The ${what} was used after it was closed.`);
