import { ConnectionProxy } from '@milonga/testing/chaos';
import { type OfflineStoreConformance, testOfflineStore } from '@milonga/testing/conformance';
import { afterAll, describe } from 'vitest';
import { requireService } from '../../../../services/test-services.ts';
import type { BigtableAdapterOptions } from './bigtable-options.ts';
import { BigtableOfflineStore } from './offline/bigtable-offline-store.ts';

process.env.METADATA_SERVER_DETECTION ??= 'none'; // the SDK would look for the metadata server of a cloud machine
const address = await requireService('bigtable');
const toxiproxy = await requireService('toxiproxy');

/** The suite's options for an emulator at `host:port`. */
const at = (apiEndpoint: string, options: Partial<BigtableAdapterOptions> = {}): OfflineStoreConformance => ({
  create: (clock) =>
    BigtableOfflineStore.open(
      { instance: 'test', clientOptions: { projectId: 'test', apiEndpoint }, ...options },
      clock,
    ),
  close: (store) => (store as BigtableOfflineStore).close(),
  timeToLive: { by: 'real-time', granularityMs: 50 },
  keepsFractionsOfMs: false,
});

describe.skipIf(address === undefined)('with faulty calls', () => {
  if (address === undefined) return;
  testOfflineStore('bigtable under faults', { ...at(`${address.host}:${address.port}`), chaos: {} });
});

/** The suite over real connections that a proxy cuts, stalls and slows down while the history runs. */
describe.skipIf(address === undefined || toxiproxy === undefined)('through Toxiproxy', async () => {
  if (address === undefined || toxiproxy === undefined) return;
  const proxy = await ConnectionProxy.open({ upstream: address, toxiproxy: toxiproxy.endpoint });
  afterAll(() => proxy.close());
  testOfflineStore('bigtable, through Toxiproxy', {
    ...at(`${proxy.host}:${proxy.port}`, { retryTimeoutMs: 4_000 }),
    chaos: { connection: proxy, rounds: 200 },
  });
});
