import {
  type ArtifactInfo,
  type ArtifactStore,
  checkArtifactName,
  METRICS,
  MilongaError,
  measure,
  SPANS,
  throwIfAborted,
  tracer,
} from '@milonga/core';
import { closed } from '../../grpc/failures.ts';
import { checkedOptions } from '../client/checked-options.ts';
import { StorageConnection } from '../client/storage-connection.ts';
import type { StorageAdapterOptions } from '../storage-options.ts';
import { Attempts } from './attempts.ts';
import { FolderRule } from './folder-rule.ts';
import { type ByteRange, getObject } from './get-object.ts';
import { listObjects } from './list-objects.ts';
import { Objects } from './objects.ts';
import { putObject } from './put-object.ts';

type Operation = 'put' | 'get' | 'list' | 'remove';
type Signal = AbortSignal | undefined;

/** Artifacts as objects of a bucket, each under its name. */
export class StorageArtifactStore implements ArtifactStore {
  readonly #objects: Objects;
  readonly #folders: FolderRule;
  readonly #retryTimeoutMs: number;
  #isOpen = true;

  private constructor(connection: StorageConnection) {
    this.#objects = new Objects(connection);
    this.#folders = new FolderRule(this.#objects);
    this.#retryTimeoutMs = connection.options.retryTimeoutMs;
  }

  /** @throws MilongaError `MILONGA_WIRING_CREATE_FAILED` when the SDK is not installed or an option cannot work. */
  static async open(options: StorageAdapterOptions): Promise<StorageArtifactStore> {
    return new StorageArtifactStore(await StorageConnection.open(checkedOptions(options)));
  }

  async putIfAbsent(
    name: string,
    bytes: Uint8Array,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<boolean> {
    this.#begin(options.signal, name);
    const attempts = this.#attempts(`Putting the artifact "${name}"`, options.signal);
    return observed('put', async () => {
      const isFirst = await putObject(this.#objects, this.#folders, { name, bytes, attempts });
      if (isFirst) measure(METRICS.artifactBytes, bytes.length, { operation: 'put' });
      return isFirst;
    });
  }

  async get(
    name: string,
    options: { readonly range?: ByteRange; readonly signal?: AbortSignal } = {},
  ): Promise<Uint8Array | undefined> {
    this.#begin(options.signal, name);
    const attempts = this.#attempts(`Getting the artifact "${name}"`, options.signal);
    return observed('get', async () => {
      const bytes = await getObject(this.#objects, name, options.range, attempts);
      if (bytes !== undefined) measure(METRICS.artifactBytes, bytes.length, { operation: 'get' });
      return bytes;
    });
  }

  async *list(prefix: string, options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<ArtifactInfo> {
    const { signal } = options;
    this.#begin(signal);
    const pages = listObjects(this.#objects, prefix, () => this.#attempts(`Listing "${prefix}"`, signal));
    while (true) {
      const page = await observed('list', () => pages.next());
      if (page.done) return;
      for (const info of page.value) {
        yield info;
        this.#begin(signal);
      }
    }
  }

  /** Removes the version that it finds, not one that another puts meanwhile. */
  async remove(name: string): Promise<void> {
    this.#begin(undefined, name);
    const attempts = this.#attempts(`Removing the artifact "${name}"`, undefined);
    return observed('remove', async () => {
      const state = await this.#objects.state(name, attempts);
      if (state !== undefined) await this.#objects.remove(name, state.generation, attempts);
    });
  }

  /** Takes no more calls. There is nothing to end: requests end by themselves, and the client may be yours. */
  close(): void {
    this.#isOpen = false;
  }

  #attempts(what: string, signal: Signal): Attempts {
    return new Attempts(what, this.#retryTimeoutMs, signal);
  }

  #begin(signal: Signal, name?: string): void {
    if (!this.#isOpen) throw closed('artifact store');
    throwIfAborted(signal, 'The artifact store');
    if (name !== undefined) checkArtifactName(name);
  }
}

async function observed<Result>(operation: Operation, work: () => Promise<Result>): Promise<Result> {
  const span = tracer().startSpan(SPANS.artifactStore, { attributes: { operation } });
  const startedAt = performance.now();
  let outcome = 'ok';
  try {
    return await work();
  } catch (error) {
    outcome = MilongaError.isInstance(error) && error.code === 'MILONGA_ABORTED' ? 'aborted' : 'failed';
    span.recordException(error as Error);
    throw error;
  } finally {
    measure(METRICS.artifactDuration, performance.now() - startedAt, { operation, outcome });
    span.end();
  }
}
