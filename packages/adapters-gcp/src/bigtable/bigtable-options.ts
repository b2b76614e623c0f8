import type { Bigtable, BigtableOptions as BigtableClientOptions } from '@google-cloud/bigtable';

/** Where {@link bigtable} keeps wide rows, and how it works. */
export interface BigtableAdapterOptions {
  /** The Bigtable instance; it must exist. */
  readonly instance: string;
  /** A client of yours, or a function that makes one when it is needed first. It is used, and never closed. */
  readonly client?: Bigtable | (() => Bigtable | Promise<Bigtable>);
  /**
   * What a client is made of where you pass none: project, endpoint, credentials, as the SDK describes them. Default: what
   * the SDK finds in the environment.
   */
  readonly clientOptions?: BigtableClientOptions;
  /**
   * The app profile that calls are routed by. Conditional mutations need one of a single cluster with single-row
   * transactions. Default: the instance's default profile.
   */
  readonly appProfileId?: string;
  /** False when tables and families are made by others: then they are only looked for. Default: true. */
  readonly createTables?: boolean;
  /**
   * Whether Bigtable itself removes cells that are past their time to live. It counts in real time: choose 'none' when the
   * `Clock` replays the past, or it removes what is still alive by the `Clock`. Reads leave expired cells out in either
   * case. Default: 'age'.
   */
  readonly garbageCollection?: 'age' | 'none';
  /** How long a call goes on retrying what is safe to retry while Bigtable is away. Default: 30,000. */
  readonly retryTimeoutMs?: number;
  /** Calls of one `readRows` or `mutateRows` that run side by side. Default: 64. */
  readonly concurrency?: number;
}
