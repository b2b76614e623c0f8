import { messageOf, type OfflineStore } from '@milonga/core';
import { PubSubConnection } from '../client/pubsub-connection.ts';
import type { PubSubAdapterOptions } from '../pubsub-options.ts';
import { PubSubEventSink } from './pubsub-event-sink.ts';
import { PubSubEventSource } from './pubsub-event-source.ts';
import { Topics } from './topics.ts';

const WARN_EVERY_MS = 60_000;

/** The sink of {@link pubsub}, with a connection of its own. */
export async function openPubSubEventSink(options: PubSubAdapterOptions): Promise<PubSubEventSink> {
  return sinkOf(await PubSubConnection.open(options), options).sink;
}

/** The source of {@link pubsub}, with a connection of its own. */
export async function openPubSubEventSource(
  options: PubSubAdapterOptions,
  store: OfflineStore,
): Promise<PubSubEventSource> {
  const connection = await PubSubConnection.open(options);
  const { sink, topics } = sinkOf(connection, options);
  return new PubSubEventSource(
    { connection, topics, sink, store },
    {
      createTopics: options.createTopics ?? true,
      ackDeadlineMs: Math.min(Math.max(options.ackDeadlineMs ?? 10_000, 10_000), 600_000),
      retentionMs: options.retentionMs ?? 7 * 86_400_000,
      timeoutMs: options.publishTimeoutMs ?? 30_000,
      retryDelayMs: options.retryDelayMs ?? 100,
      positionsTable: options.positionsTable ?? 'pubsub-positions',
      rememberedIds: options.rememberedIds ?? 50_000,
      abandonAfterMs: options.abandonAfterMs ?? 900_000,
      warn: warnings(),
    },
  );
}

function sinkOf(
  connection: PubSubConnection,
  options: PubSubAdapterOptions,
): { readonly sink: PubSubEventSink; readonly topics: Topics } {
  const { createTopics = true, partitions = 16, retentionMs = 7 * 86_400_000, publishTimeoutMs = 30_000 } = options;
  const topics = new Topics(connection, { createTopics, partitions, retentionMs, timeoutMs: publishTimeoutMs });
  const { maxWaitingEvents = 200_000 } = options;
  return { sink: new PubSubEventSink(connection, topics, { publishTimeoutMs, maxWaitingEvents }), topics };
}

/** Warnings of the process, since nobody awaits what happens in the background: each kind once a minute. */
function warnings(): (message: string, details: Readonly<Record<string, unknown>>) => void {
  const warnedAt = new Map<string, number>();
  return (message, { error, ...details }) => {
    const now = performance.now();
    if (now - (warnedAt.get(message) ?? Number.NEGATIVE_INFINITY) < WARN_EVERY_MS) return;
    warnedAt.set(message, now);
    const cause = error === undefined ? '' : `: ${messageOf(error)}`;
    process.emitWarning(`${message}${cause} ${JSON.stringify(details)}`, { type: 'MilongaWarning' });
  };
}
