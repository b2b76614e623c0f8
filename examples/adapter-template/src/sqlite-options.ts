import type { DatabaseSync } from 'node:sqlite';

/** A database of `node:sqlite`. */
export type SqliteDatabase = DatabaseSync;

/** Where the data is. One of `file` and `database`. */
export interface SqliteOptions {
  /** The file; made when it is not there. Default: ':memory:', which nothing outlives. */
  readonly file?: string;
  /** A database of your own, or what opens one. It keeps its settings, and is never closed by the adapter. */
  readonly database?: SqliteDatabase | (() => SqliteDatabase | Promise<SqliteDatabase>);
  /** How long a call waits for another process that writes. Default: 2,000. */
  readonly busyTimeoutMs?: number;
}
