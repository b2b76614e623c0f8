import type { Bucket, Storage, StorageOptions } from '@google-cloud/storage';
import pLimit, { type LimitFunction } from 'p-limit';
import type { CheckedOptions } from './checked-options.ts';
import { loadStorage } from './load-storage.ts';

/**
 * The bucket, by a client of our own: it has the credentials, the endpoint and the interceptors of the client that was
 * given, which stays as it was, and leaves retrying to us. The SDK's own goes on for minutes, and switching it off for
 * one call switches it off for whatever else the client does meanwhile.
 */
export class StorageConnection {
  readonly bucket: Bucket;
  readonly options: CheckedOptions;
  /** Runs a request when fewer than `concurrency` are under way. */
  readonly limited: LimitFunction;

  private constructor(bucket: Bucket, options: CheckedOptions) {
    this.bucket = bucket;
    this.options = options;
    this.limited = pLimit(options.concurrency);
  }

  /** Loads the SDK and makes the client; connects at the first call. */
  static async open(options: CheckedOptions): Promise<StorageConnection> {
    const sdk = await loadStorage();
    const given = await givenClient(options);
    const settings = given === undefined ? options.clientOptions : settingsOf(given);
    const ours = new sdk.Storage({
      ...settings,
      timeout: options.requestTimeoutMs,
      retryOptions: { autoRetry: false },
    });
    if (given !== undefined) ours.interceptors = given.interceptors;
    return new StorageConnection(ours.bucket(options.bucket), options);
  }
}

async function givenClient({ client }: CheckedOptions): Promise<Storage | undefined> {
  return typeof client === 'function' ? client() : client;
}

const settingsOf = (client: Storage): StorageOptions => ({
  authClient: client.authClient,
  apiEndpoint: client.apiEndpoint,
  projectId: client.projectId,
  crc32cGenerator: client.crc32cGenerator,
  universeDomain: client.universeDomain,
  ...(client.useAuthWithCustomEndpoint && { useAuthWithCustomEndpoint: true }),
});
