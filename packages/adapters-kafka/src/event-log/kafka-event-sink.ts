import {
  type EventMessage,
  type EventSink,
  METRICS,
  measure,
  type PublishOutcome,
  SPANS,
  type TopicDefinition,
  throwIfAborted,
  tracer,
} from '@milonga/core';
import type { KafkaClient } from '../client/kafka-client.ts';
import { closed, portError } from './failures.ts';
import { PublishCall } from './publish-call.ts';
import { SendQueue } from './send-queue.ts';
import type { Topics } from './topics.ts';

const WHAT = 'event sink';

/** How a {@link KafkaEventSink} works. */
export interface KafkaEventSinkOptions {
  readonly publishTimeoutMs: number;
  readonly maxWaitingEvents: number;
}

/**
 * Publishes into Kafka: by an idempotent producer, acknowledged by all in-sync replicas, the partition chosen by Kafka's
 * own hash of the key.
 */
export class KafkaEventSink implements EventSink {
  readonly #client: KafkaClient;
  readonly #topics: Topics;
  readonly #options: KafkaEventSinkOptions;
  readonly #queue: SendQueue;
  #closing: Promise<void> | undefined;

  constructor(client: KafkaClient, topics: Topics, options: KafkaEventSinkOptions) {
    this.#client = client;
    this.#topics = topics;
    this.#options = options;
    this.#queue = new SendQueue(client, topics, options.maxWaitingEvents);
  }

  async ensureTopics(topics: readonly TopicDefinition[]): Promise<void> {
    this.#begin(undefined);
    try {
      for (const topic of topics) await this.#topics.ensure(topic);
    } catch (error) {
      throw portError('MILONGA_EVENT_SINK_UNAVAILABLE', error);
    }
  }

  async publish(
    topic: string,
    events: readonly EventMessage[],
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly PublishOutcome[]> {
    this.#begin(options.signal);
    if (events.length === 0) return [];
    const span = tracer().startSpan(SPANS.eventsPublish, { attributes: { topic } });
    try {
      const outcomes = await this.#publish(topic, events, options.signal);
      const failed = outcomes.filter(({ status }) => status === 'failed').length;
      measure(METRICS.eventsPublished, events.length - failed, { topic, outcome: 'acknowledged' });
      if (failed > 0) measure(METRICS.eventsPublished, failed, { topic, outcome: 'failed' });
      return outcomes;
    } catch (error) {
      measure(METRICS.eventsPublished, events.length, { topic, outcome: 'failed' });
      span.recordException(error as Error);
      throw error;
    } finally {
      span.end();
    }
  }

  #publish(
    topic: string,
    events: readonly EventMessage[],
    signal: AbortSignal | undefined,
  ): Promise<readonly PublishOutcome[]> {
    const call = new PublishCall(topic, events, {
      limitMs: this.#options.publishTimeoutMs,
      signal,
      lastTrouble: () => this.#client.lastTrouble,
    });
    this.#queue.push(call);
    return call.settled;
  }

  /** Waits for what is being published. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#queue.close().finally(() => this.#client.close());
    return this.#closing;
  }

  #begin(signal: AbortSignal | undefined): void {
    if (this.#closing !== undefined) throw closed(WHAT);
    throwIfAborted(signal, 'publish');
  }
}
