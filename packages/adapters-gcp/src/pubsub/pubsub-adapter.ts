import { EventSink, EventSource, OfflineStore } from '@milonga/core';
import { type Adapter, defineAdapter, provide } from '@milonga/core/app';
import { openPubSubEventSink, openPubSubEventSource } from './event-log/open-event-log.ts';
import type { PubSubEventSink } from './event-log/pubsub-event-sink.ts';
import type { PubSubEventSource } from './event-log/pubsub-event-source.ts';
import type { PubSubAdapterOptions } from './pubsub-options.ts';

/**
 * The event log on Google Cloud Pub/Sub. Positions of groups lie in the `OfflineStore` of the app, which another adapter
 * provides.
 *
 * @throws MilongaError `MILONGA_WIRING_CREATE_FAILED` when created where `@google-cloud/pubsub` is not installed.
 * @example
 * ```ts
 * await using app = createApp([local({ dir: '.milonga' }), bigtable({ instance: 'recommender' }), pubsub()]);
 * const { sink } = await app.resolve({ sink: EventSink });
 * ```
 */
export function pubsub(options: PubSubAdapterOptions = {}): Adapter {
  return defineAdapter('pubsub', [
    provide(EventSink, {
      create: () => openPubSubEventSink(options),
      dispose: (sink) => (sink as PubSubEventSink).close(),
    }),
    provide(EventSource, {
      needs: [OfflineStore],
      create: (store) => openPubSubEventSource(options, store),
      dispose: (source) => (source as PubSubEventSource).close(),
    }),
  ]);
}
