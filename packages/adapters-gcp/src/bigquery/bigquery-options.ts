import type { BigQuery, BigQueryOptions as BigQueryClientOptions } from '@google-cloud/bigquery';

/** Where {@link bigquery} keeps the lake, and how it works. */
export interface BigQueryAdapterOptions {
  /** The dataset that holds the tables of the lake, and those that the adapter makes beside them. */
  readonly dataset: string;
  /** A client of yours, or a function that makes one when it is needed first. It is used, and never changed or closed. */
  readonly client?: BigQuery | (() => BigQuery | Promise<BigQuery>);
  /**
   * What a client is made of where you pass none: project, `apiEndpoint`, credentials, as the SDK describes them. Its
   * retry options are not used: the options below stand for them. Default: what the SDK finds in the environment.
   */
  readonly clientOptions?: BigQueryClientOptions;
  /** Where the dataset lies, such as `europe-west1`. Default: that of the client, or `US`. */
  readonly location?: string;
  /** False when the dataset is made by others: then its absence is an error. Default: true. */
  readonly createDataset?: boolean;
  /** The span of time of a partition of new tables. Default: `DAY`. */
  readonly partitionBy?: 'HOUR' | 'DAY' | 'MONTH' | 'YEAR';
  /**
   * The columns that new tables are clustered by, as far as a table has them: at most four, none a list or a vector. Given
   * by table, or for all. Default: none.
   */
  readonly clusterBy?: readonly string[] | Readonly<Record<string, readonly string[]>>;
  /** How long requests to BigQuery are repeated while it is away, and appends while others are first. Default: 30,000. */
  readonly retryTimeoutMs?: number;
  /** How long a request may take before it is tried again; uploads have a second more for each MiB. Default: 30,000. */
  readonly requestTimeoutMs?: number;
  /** How long a job may work before BigQuery ends it: a query, or the transaction of an append. Default: 600,000. */
  readonly jobTimeoutMs?: number;
  /** Jobs and other requests of the whole lake that run side by side; others wait. Default: 32. */
  readonly concurrency?: number;
  /** A query that would read more bytes fails, and costs nothing. Default: no limit. */
  readonly maximumBytesBilled?: number;
  /** Rows of a frame of a result that is read in pages. Default: 8,192. */
  readonly rowsPerPage?: number;
}
