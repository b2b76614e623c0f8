import {
  type EventMessage,
  type EventSink,
  METRICS,
  MilongaError,
  measure,
  type PublishOutcome,
  SPANS,
  type TopicDefinition,
  throwIfAborted,
  tracer,
} from '@milonga/core';
import { aborted, closed, portError } from '../../grpc/failures.ts';
import type { PubSubConnection } from '../client/pubsub-connection.ts';
import { encodeEvent, type PubSubMessage } from './message-codec.ts';
import { partitionOf } from './partition-of.ts';
import { PublishLane } from './publish-lane.ts';
import type { KnownTopic, Topics } from './topics.ts';

/** How a {@link PubSubEventSink} works. */
export interface PubSubEventSinkOptions {
  readonly publishTimeoutMs: number;
  readonly maxWaitingEvents: number;
}

const ACKNOWLEDGED: PublishOutcome = Object.freeze({ status: 'acknowledged' });
/** Pub/Sub takes 10 MB, attributes included. */
const MOST_BYTES = 9_500_000;
const UNAVAILABLE = 'MILONGA_EVENT_SINK_UNAVAILABLE';

/** Publishes into Pub/Sub: the partition of a key is the ordering key of its messages. */
export class PubSubEventSink implements EventSink {
  readonly #connection: PubSubConnection;
  readonly #topics: Topics;
  readonly #options: PubSubEventSinkOptions;
  readonly #lanes = new Map<string, PublishLane>();
  #waiting = 0;
  #closing: Promise<void> | undefined;

  constructor(connection: PubSubConnection, topics: Topics, options: PubSubEventSinkOptions) {
    this.#connection = connection;
    this.#topics = topics;
    this.#options = options;
  }

  async ensureTopics(topics: readonly TopicDefinition[]): Promise<void> {
    this.#begin(undefined);
    for (const topic of topics) await this.#topic(topic);
  }

  async publish(
    name: string,
    events: readonly EventMessage[],
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly PublishOutcome[]> {
    this.#begin(signal);
    if (events.length === 0) return [];
    const span = tracer().startSpan(SPANS.eventsPublish, { attributes: { topic: name } });
    let acknowledged = 0;
    try {
      if (this.#waiting + events.length > this.#options.maxWaitingEvents && this.#waiting > 0)
        throw full(this.#waiting);
      // Encoded at once: the caller may change its bytes, and calls that wait for the topic keep their order.
      const copies = events.map((event) => ({ ...event, value: new Uint8Array(event.value) }));
      const topic = await this.#topic({ name });
      const outcomes = await this.#send(topic, copies, signal);
      acknowledged = outcomes.filter(({ status }) => status === 'acknowledged').length;
      const first = outcomes.find((outcome) => outcome.status === 'failed' && outcome.isRetryable);
      if (acknowledged === 0 && first?.status === 'failed') throw first.error;
      return outcomes;
    } catch (error) {
      span.recordException(error as Error);
      throw error;
    } finally {
      const failed = events.length - acknowledged;
      if (acknowledged > 0) measure(METRICS.eventsPublished, acknowledged, { topic: name, outcome: 'acknowledged' });
      if (failed > 0) measure(METRICS.eventsPublished, failed, { topic: name, outcome: 'failed' });
      span.end();
    }
  }

  /** Publishes messages that are ready; each goes to the partition that its ordering key names. */
  async publishMessages(topic: KnownTopic, messages: readonly PubSubMessage[]): Promise<void> {
    for (const outcome of await this.#sendMessages(topic, messages, undefined)) {
      if (outcome.status === 'failed') throw outcome.error;
    }
  }

  #send(
    topic: KnownTopic,
    events: readonly EventMessage[],
    signal: AbortSignal | undefined,
  ): Promise<readonly PublishOutcome[]> {
    const messages = events.map((event) => encodeEvent(event, partitionOf(event.key, topic.partitions)));
    return this.#sendMessages(topic, messages, signal);
  }

  #sendMessages(
    topic: KnownTopic,
    messages: readonly PubSubMessage[],
    signal: AbortSignal | undefined,
  ): Promise<readonly PublishOutcome[]> {
    return new Promise((resolve, reject) => {
      const outcomes: PublishOutcome[] = new Array(messages.length);
      let left = messages.length;
      let isOver = false;
      const abort = (): void => {
        isOver = true;
        reject(aborted('publish', signal));
      };
      if (signal?.aborted) return abort();
      signal?.addEventListener('abort', abort, { once: true });
      const put = (at: number, error: MilongaError | undefined): void => {
        outcomes[at] = error === undefined ? ACKNOWLEDGED : { status: 'failed', error, isRetryable: error.isRetryable };
        left -= 1;
        this.#waiting -= 1;
        if (left > 0) return;
        signal?.removeEventListener('abort', abort);
        resolve(outcomes);
      };
      this.#waiting += messages.length;
      messages.forEach((message, at) => {
        const bytes = sizeOf(message);
        if (bytes > MOST_BYTES) {
          put(at, tooLarge(bytes));
          return;
        }
        const settle = (error: MilongaError | undefined): void => put(at, error);
        this.#lane(topic, message.orderingKey ?? '').push({
          message,
          bytes,
          isOver: () => isOver && release(settle),
          settle,
        });
      });
    });
  }

  #lane(topic: KnownTopic, partition: string): PublishLane {
    const name = `${topic.path} ${partition}`;
    let lane = this.#lanes.get(name);
    if (lane === undefined) {
      lane = new PublishLane(this.#connection, topic.path, this.#options.publishTimeoutMs);
      this.#lanes.set(name, lane);
    }
    return lane;
  }

  async #topic(definition: TopicDefinition): Promise<KnownTopic> {
    try {
      return await this.#topics.ensure(definition);
    } catch (error) {
      throw portError(UNAVAILABLE, `Ensuring the topic "${definition.name}"`, error);
    }
  }

  /** Waits for what is being published. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= Promise.all([...this.#lanes.values()].map((lane) => lane.idle())).then(() =>
      this.#connection.close(),
    );
    return this.#closing;
  }

  #begin(signal: AbortSignal | undefined): void {
    if (this.#closing !== undefined) throw closed('event sink');
    throwIfAborted(signal, 'publish');
  }
}

/** A message that nobody waits for any more leaves the count of those that wait. */
function release(settle: (error: MilongaError | undefined) => void): true {
  settle(undefined);
  return true;
}

function sizeOf({ data, attributes }: PubSubMessage): number {
  let bytes = 100 + (data?.length ?? 0);
  for (const [name, value] of Object.entries(attributes ?? {})) bytes += name.length * 3 + value.length * 3;
  return bytes;
}

const tooLarge = (bytes: number): MilongaError =>
  new MilongaError('MILONGA_DEFINITION_INVALID', `An event has ${bytes} bytes; Pub/Sub takes 10 MB at most.`);

const full = (waiting: number): MilongaError =>
  new MilongaError(UNAVAILABLE, `${waiting} events wait to be published already (maxWaitingEvents). Retry later.`, {
    isRetryable: true,
  });
