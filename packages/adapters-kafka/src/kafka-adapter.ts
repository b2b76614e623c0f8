import { EventSink, EventSource, silentLogger } from '@milonga/core';
import { type Adapter, defineAdapter, provide } from '@milonga/core/app';
import { KafkaJsClient } from './client/kafkajs-client.ts';
import { KafkaEventSink } from './event-log/kafka-event-sink.ts';
import { KafkaEventSource } from './event-log/kafka-event-source.ts';
import { Topics } from './event-log/topics.ts';
import type { KafkaOptions } from './kafka-options.ts';

/**
 * The event log on Apache Kafka: `EventSink` and `EventSource`. Connections are made at the first call.
 *
 * @throws MilongaError `MILONGA_DEFINITION_INVALID` at the first call when neither `brokers` nor `client` is given.
 * @example
 * ```ts
 * await using app = createApp([local({ dir: '.milonga' }), kafka({ brokers: ['localhost:9092'] })]);
 * const { sink } = await app.resolve({ sink: EventSink });
 * ```
 */
export function kafka(options: KafkaOptions): Adapter {
  return defineAdapter('kafka', [
    provide(EventSink, {
      create: () => openKafkaSink(options),
      dispose: (sink) => (sink as KafkaEventSink).close(),
    }),
    provide(EventSource, {
      create: () => openKafkaSource(options),
      dispose: (source) => (source as KafkaEventSource).close(),
    }),
  ]);
}

/** The sink alone, with connections of its own. */
export function openKafkaSink(options: KafkaOptions): KafkaEventSink {
  const { publishTimeoutMs = 60_000, maxWaitingEvents = 100_000 } = options;
  const client = new KafkaJsClient(options);
  return new KafkaEventSink(client, topicsOf(client, options), { publishTimeoutMs, maxWaitingEvents });
}

/** The source alone, with connections of its own. */
export function openKafkaSource(options: KafkaOptions): KafkaEventSource {
  const {
    retryDelayMs = 100,
    sessionTimeoutMs = 10_000,
    rebalanceTimeoutMs = 60_000,
    maxFetchBytes = 1_048_576,
    logger = silentLogger,
  } = options;
  const client = new KafkaJsClient(options);
  return new KafkaEventSource(client, topicsOf(client, options), {
    retryDelayMs,
    sessionTimeoutMs,
    rebalanceTimeoutMs,
    maxFetchBytes,
    logger,
  });
}

function topicsOf(client: KafkaJsClient, options: KafkaOptions): Topics {
  const { partitions = 4, replicationFactor = -1, retentionMs = 7 * 86_400_000, createTopics = true } = options;
  return new Topics(client, { partitions, replicationFactor, retentionMs, createTopics });
}
