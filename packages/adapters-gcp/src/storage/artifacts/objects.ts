import type { Bucket, File, FileMetadata } from '@google-cloud/storage';
import type { StorageConnection } from '../client/storage-connection.ts';
import type { Attempts } from './attempts.ts';
import { statusOf, storageError } from './storage-failures.ts';

/** What is known of an object without its bytes. */
export interface ObjectState {
  /** Names this version of the object: a number of up to 64 bits, as text. */
  readonly generation: string;
  readonly bytes: number;
  readonly crc32c: string | undefined;
  /** The mark of the put that made it. */
  readonly put: string | undefined;
}

/** Where an object remembers which put made it. */
export const PUT_KEY = 'milonga-put';

/** Single requests about objects of the bucket. Each may be repeated; none goes on by itself. */
export class Objects {
  readonly connection: StorageConnection;
  #isBucketThere = false;

  constructor(connection: StorageConnection) {
    this.connection = connection;
  }

  get bucket(): Bucket {
    return this.connection.bucket;
  }

  /** The object of an artifact, or one version of it. */
  file(name: string, generation?: string): File {
    const pinned = generation === undefined ? {} : { generation };
    return this.bucket.file(`${this.connection.options.prefix}${name}`, pinned);
  }

  /** `undefined` when there is no such object. */
  state(name: string, attempts: Attempts): Promise<ObjectState | undefined> {
    return this.unlessAbsent(attempts, () => this.stateNow(name));
  }

  /** The same by one request, which is neither repeated nor made to wait; an absent object is a 404. */
  async stateNow(name: string): Promise<ObjectState> {
    const [metadata] = await this.file(name).getMetadata();
    return stateOf(metadata);
  }

  /** The first artifact below a folder, if there is one. */
  async firstBelow(folder: string, attempts: Attempts): Promise<string | undefined> {
    const { prefix } = this.connection.options;
    const page = await this.unlessAbsent(attempts, async () => {
      const [files] = await this.bucket.getFiles({
        prefix: `${prefix}${folder}/`,
        maxResults: 1,
        autoPaginate: false,
      });
      return files.map(({ name }) => name.slice(prefix.length));
    });
    return page?.[0];
  }

  /** Deletes one version of an object. That it is not there any more is as good. */
  async remove(name: string, generation: string, attempts: Attempts): Promise<void> {
    await this.request(attempts, async () => {
      try {
        await this.file(name).delete({ ifGenerationMatch: generation });
      } catch (error) {
        const status = statusOf(error);
        if (status !== 404 && status !== 412) throw error;
      }
    });
  }

  /** A request that answers 404 for an object that is absent; and for a bucket that is, which is made, or an error. */
  unlessAbsent<Result>(attempts: Attempts, request: () => Promise<Result>): Promise<Result | undefined> {
    return this.request(attempts, async () => {
      try {
        return await request();
      } catch (error) {
        if (statusOf(error) !== 404) throw error;
        await this.ensureBucket();
        return undefined;
      }
    });
  }

  /** Runs a request when its turn has come, and again as {@link Attempts} says. */
  request<Result>(
    attempts: Attempts,
    request: (attempt: number, signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    return attempts.run((attempt, signal) =>
      this.connection.limited(() => {
        signal.throwIfAborted(); // given up while it waited
        return request(attempt, signal);
      }),
    );
  }

  /** Looks for the bucket once, after a 404 that may mean the bucket or the object, and makes it when it may. */
  async ensureBucket(): Promise<void> {
    if (this.#isBucketThere) return;
    try {
      await this.bucket.getFiles({ maxResults: 1, autoPaginate: false });
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
      await this.#makeBucket(error);
    }
    this.#isBucketThere = true;
  }

  async #makeBucket(absence: unknown): Promise<void> {
    const { createBucket, location, bucket } = this.connection.options;
    if (!createBucket) throw storageError(`Finding the bucket "${bucket}"`, absence);
    try {
      await this.bucket.create(location === undefined ? {} : { location });
    } catch (error) {
      if (statusOf(error) !== 409) throw error;
      // It is there by now, or it is somebody else's: then what follows is forbidden, and says so.
    }
  }
}

/** The state by the metadata of an object. */
export function stateOf(metadata: FileMetadata): ObjectState {
  const put = metadata.metadata?.[PUT_KEY];
  return {
    generation: String(metadata.generation),
    bytes: Number(metadata.size),
    crc32c: metadata.crc32c,
    put: typeof put === 'string' ? put : undefined,
  };
}
