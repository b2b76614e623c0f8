import { ConnectionProxy } from '@milonga/testing/chaos';
import { testArtifactStore } from '@milonga/testing/conformance';
import { afterAll, describe } from 'vitest';
import { requireService } from '../../../../services/test-services.ts';
import { StorageArtifactStore } from './artifacts/storage-artifact-store.ts';
import type { StorageAdapterOptions } from './storage-options.ts';

process.env.METADATA_SERVER_DETECTION ??= 'none'; // the SDK would look for the metadata server of a cloud machine
const address = await requireService('gcs');
const toxiproxy = await requireService('toxiproxy');
const bucket = `conformance-${process.pid}-${Date.now()}`;
const close = (store: unknown): void => (store as StorageArtifactStore).close();

const openAt = (apiEndpoint: string, options: StorageAdapterOptions) => (): Promise<StorageArtifactStore> =>
  StorageArtifactStore.open({ clientOptions: { projectId: 'test', apiEndpoint }, ...options });

describe.skipIf(address === undefined)('storage', () => {
  const create = openAt(address?.endpoint ?? '', { bucket: `${bucket}-faults` });
  testArtifactStore('storage, under faults', { create, another: create, close, chaos: {} });
});

/** The suite without faults, and its history over real connections that a proxy cuts, stalls and slows down. */
describe.skipIf(address === undefined || toxiproxy === undefined)('through Toxiproxy', async () => {
  if (address === undefined || toxiproxy === undefined) return;
  const { hostname: host, port } = new URL(address.endpoint);
  const proxy = await ConnectionProxy.open({ upstream: { host, port: Number(port) }, toxiproxy: toxiproxy.endpoint });
  afterAll(() => proxy.close());
  const limits = { prefix: 'proxy/', bucket: `${bucket}-proxy`, retryTimeoutMs: 15_000, requestTimeoutMs: 1_000 };
  const create = openAt(`http://${proxy.host}:${proxy.port}`, limits);
  testArtifactStore('storage, through Toxiproxy', {
    create,
    another: create,
    close,
    chaos: { connection: proxy, deadlineMs: 20_000 },
  });
});
