import type { Clock } from '@milonga/core';
import type { Durability } from '../environment/environment.ts';

/** How a {@link DuckLake} keeps and reads its tables. */
export interface DuckLakeOptions {
  /** Directory of the lake; made when missing. Any number of processes may use one. */
  readonly dir: string;
  /** Tells which hours are closed. */
  readonly clock: Clock;
  /** What an acknowledged batch survives. Default: 'process-crash'. */
  readonly durability?: Durability;
  /** Memory of the engine; what needs more goes to disk. Default: 512. */
  readonly memoryLimitMiB?: number;
  /** Threads of the engine. Default: 2. */
  readonly threads?: number;
  /** Queries that work at the same time; others wait. Each takes one of libuv's four threads. Default: 2. */
  readonly concurrentQueries?: number;
  /** How long after its end an hour is taken as closed. Default: 10 minutes. */
  readonly closeAfterMs?: number;
  /** A partition is the longest of hour, day and month that has at most so many rows; no merged file has more. Default: 1,000,000. */
  readonly rowsPerFile?: number;
  /** How long, in real time, replaced files stay for queries that still read them, in whatever process. Default: 15 minutes. */
  readonly keepReplacedMs?: number;
}
