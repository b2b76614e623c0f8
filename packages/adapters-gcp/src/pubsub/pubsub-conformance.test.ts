import { memory } from '@milonga/adapters-local';
import type { OfflineStore } from '@milonga/core';
import { OfflineStore as OfflineStorePort } from '@milonga/core';
import { createApp } from '@milonga/core/app';
import { testEventLog } from '@milonga/testing/conformance';
import { describe } from 'vitest';
import { requireService } from '../../../../services/test-services.ts';
import { openPubSubEventSink, openPubSubEventSource } from './event-log/open-event-log.ts';
import type { PubSubEventSink } from './event-log/pubsub-event-sink.ts';
import type { PubSubEventSource } from './event-log/pubsub-event-source.ts';

process.env.METADATA_SERVER_DETECTION ??= 'none'; // the SDK would look for the metadata server of a cloud machine
const address = await requireService('pubsub');

describe.skipIf(address === undefined)('pubsub', async () => {
  const app = createApp([memory()]);
  const { store }: { store: OfflineStore } = await app.resolve({ store: OfflineStorePort });
  const endpoint = { apiEndpoint: `${address?.host}:${address?.port}`, emulatorMode: true };
  const options = { clientOptions: { projectId: 'test', ...endpoint }, partitions: 3, retryDelayMs: 30 };
  const open = async () => ({
    sink: await openPubSubEventSink(options),
    source: await openPubSubEventSource(options, store),
  });
  testEventLog('pubsub', {
    create: open,
    another: open,
    close: async ({ sink, source }) => {
      await (source as PubSubEventSource).close();
      await (sink as PubSubEventSink).close();
    },
    knowsEnd: false,
    withinMs: 20_000,
    quietMs: 300,
  });
});
