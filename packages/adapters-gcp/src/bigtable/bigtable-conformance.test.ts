import { testOfflineStore } from '@milonga/testing/conformance';
import { describe } from 'vitest';
import { requireService } from '../../../../services/test-services.ts';
import { BigtableOfflineStore } from './offline/bigtable-offline-store.ts';

process.env.METADATA_SERVER_DETECTION ??= 'none'; // the SDK would look for the metadata server of a cloud machine
const address = await requireService('bigtable');

describe.skipIf(address === undefined)('bigtable', () => {
  testOfflineStore('bigtable', {
    create: (clock) =>
      BigtableOfflineStore.open(
        { instance: 'test', clientOptions: { projectId: 'test', apiEndpoint: `${address!.host}:${address!.port}` } },
        clock,
      ),
    close: (store) => (store as BigtableOfflineStore).close(),
    timeToLive: { by: 'real-time', granularityMs: 50 },
    keepsFractionsOfMs: false,
  });
});
