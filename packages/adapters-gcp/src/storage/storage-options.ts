import type { Storage, StorageOptions as StorageClientOptions } from '@google-cloud/storage';

/** Where {@link storage} keeps artifacts, and how it works. */
export interface StorageAdapterOptions {
  /** The bucket. */
  readonly bucket: string;
  /**
   * Begins the name of every object, so that artifacts share a bucket with others: at most 24 of `[A-Za-z0-9._/=-]`, as
   * an object's name has 1,024 at most and an artifact's 1,000. Default: '', the bucket is for artifacts alone.
   */
  readonly prefix?: string;
  /** A client of yours, or a function that makes one when it is needed first. It is used, and never changed or closed. */
  readonly client?: Storage | (() => Storage | Promise<Storage>);
  /**
   * What a client is made of where you pass none: project, `apiEndpoint`, credentials, as the SDK describes them. Its
   * `retryOptions` and `timeout` are not used: the options below stand for them. Default: what the SDK finds in the
   * environment.
   */
  readonly clientOptions?: StorageClientOptions;
  /** False when the bucket is made by others: then its absence is an error. Default: true. */
  readonly createBucket?: boolean;
  /** Where a bucket that is made lies, such as `europe-west1`. Default: what Cloud Storage chooses, the `US` multi-region. */
  readonly location?: string;
  /**
   * How long a call goes on retrying without getting on while Cloud Storage is away; each part of a large object that
   * has arrived gives it the whole time again. Default: 30,000.
   */
  readonly retryTimeoutMs?: number;
  /** How long a request may be without a byte in either direction before it is tried again. Default: 10,000. */
  readonly requestTimeoutMs?: number;
  /**
   * Larger objects are uploaded in a resumable session and read in ranges, both in parts of this size. A multiple of
   * 262,144. Default: 8 MiB.
   */
  readonly partBytes?: number;
  /** Requests of the whole store that run side by side; others wait. Default: 64. */
  readonly concurrency?: number;
}
