/** A member of a group that takes its first batch, says what it got, and never ends: to be killed. */
import { local } from '@milonga/adapters-local';
import { OfflineStore } from '@milonga/core';
import { createApp } from '@milonga/core/app';
import { openPubSubEventSource } from '../src/pubsub/event-log/open-event-log.ts';

const [apiEndpoint, dir, topic, group] = process.argv.slice(2) as [string, string, string, string];
const { store } = await createApp([local({ dir })]).resolve({ store: OfflineStore });
const clientOptions = { projectId: 'test', apiEndpoint, emulatorMode: true };
const source = await openPubSubEventSource({ clientOptions }, store);
await source.subscribe(topic, { group, maxBatchEvents: 10 }, async ({ events }) => {
  console.log(JSON.stringify(events.map(({ id, offset }) => [id, offset])));
  await new Promise(() => {});
});
