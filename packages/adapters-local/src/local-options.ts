import type { Durability } from './environment/environment.ts';
import type { DuckLakeOptions } from './lake/lake-options.ts';

/** Where and how {@link local} keeps data. */
export interface LocalOptions {
  /** Directory of everything; made when missing. One recommender, one directory; any number of its processes. */
  readonly dir: string;
  /** Partitions of a topic that does not say. Default: 4. */
  readonly partitions?: number;
  /** How long a topic keeps events that does not say. Default: 7 days. */
  readonly retentionMs?: number;
  /** Before the first redelivery of a failed batch; doubles with each. Default: 100. */
  readonly retryDelayMs?: number;
  /** What an acknowledged write survives. Default: 'process-crash'. */
  readonly durability?: Durability;
  /** How the lake works. Default: see {@link DuckLakeOptions}. */
  readonly lake?: Omit<DuckLakeOptions, 'dir' | 'clock' | 'durability'>;
}
