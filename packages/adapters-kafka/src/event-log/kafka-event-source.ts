import {
  deadLetterTopicOf,
  type EventBatch,
  type EventSource,
  type GroupPosition,
  type Logger,
  METRICS,
  MilongaError,
  measure,
  SPANS,
  type SubscribeOptions,
  type Subscription,
  throwIfAborted,
  tracer,
} from '@milonga/core';
import type { KafkaClient } from '../client/kafka-client.ts';
import { DeadLetters } from './dead-letters.ts';
import { closed, portError } from './failures.ts';
import { GroupSubscription } from './group-subscription.ts';
import { isDeadLetterTopic, type Topics } from './topics.ts';

const WHAT = 'event source';
const DEFAULT_BATCH_EVENTS = 2_000;
const DEFAULT_ATTEMPTS = 5;
/** How long `subscribe` waits for the group; others may have to finish what they are at first. */
const JOIN_MS = 2_000;

/** How a {@link KafkaEventSource} works. */
export interface KafkaEventSourceOptions {
  readonly retryDelayMs: number;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly maxFetchBytes: number;
  readonly logger: Logger;
}

/** Consumer groups of Kafka. */
export class KafkaEventSource implements EventSource {
  readonly #client: KafkaClient;
  readonly #topics: Topics;
  readonly #options: KafkaEventSourceOptions;
  readonly #deadLetters: DeadLetters;
  readonly #subscriptions = new Set<GroupSubscription>();
  #closing: Promise<void> | undefined;

  constructor(client: KafkaClient, topics: Topics, options: KafkaEventSourceOptions) {
    this.#client = client;
    this.#topics = topics;
    this.#options = options;
    this.#deadLetters = new DeadLetters(client, topics);
  }

  async subscribe(
    topic: string,
    options: SubscribeOptions,
    handler: (batch: EventBatch) => Promise<void>,
  ): Promise<Subscription> {
    this.#checkOpen();
    throwIfAborted(options.signal, 'subscribe');
    const limits = limitsOf(topic, options);
    try {
      await this.#topics.findOrCreate(topic);
      if (!isDeadLetterTopic(topic)) await this.#topics.findOrCreate(deadLetterTopicOf(topic));
    } catch (error) {
      throw portError('MILONGA_EVENT_SOURCE_UNAVAILABLE', error);
    }
    this.#checkOpen();
    const subscription = this.#start(topic, options, limits, handler);
    this.#subscriptions.add(subscription);
    const forget = (): void => void this.#subscriptions.delete(subscription);
    subscription.ended.then(forget, forget);
    await untilJoined(subscription, options.from ?? 'earliest');
    return subscription;
  }

  #start(
    topic: string,
    { group, from = 'earliest', signal }: SubscribeOptions,
    limits: Limits,
    handler: (batch: EventBatch) => Promise<void>,
  ): GroupSubscription {
    const { logger, retryDelayMs, sessionTimeoutMs, rebalanceTimeoutMs, maxFetchBytes } = this.#options;
    return new GroupSubscription({
      ...limits,
      client: this.#client,
      topic,
      from,
      signal,
      logger,
      retryDelayMs,
      settings: { group, topic, sessionTimeoutMs, rebalanceTimeoutMs, maxFetchBytes },
      handler: (batch) => traced(group, batch, handler),
      bury: (dead) => this.#deadLetters.store(topic, group, dead),
      unburied: (error) => logger.warn('Dead letters cannot be stored; trying again', { topic, group, error }),
      measured: (events, outcome) => measure(METRICS.eventsHandled, events, { topic, group, outcome }),
    });
  }

  async positions(topic: string, group: string): Promise<readonly GroupPosition[]> {
    this.#checkOpen();
    try {
      if ((await this.#topics.find(topic)) === undefined) return [];
      // In this order: what is committed is never past the end.
      const committed = await this.#client.committedOffsets(group, topic);
      const bounds = await this.#client.boundsOf(topic);
      return bounds.map(({ partition, firstOffset, endOffset }) => ({
        partition,
        committedOffset: Math.max(committed.get(partition) ?? firstOffset, firstOffset),
        endOffset,
      }));
    } catch (error) {
      throw portError('MILONGA_EVENT_SOURCE_UNAVAILABLE', error);
    }
  }

  /** Ends every subscription, awaiting running handlers. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
    await this.#deadLetters.close();
    await this.#client.close();
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw closed(WHAT);
  }
}

/** From 'latest', what is published after `subscribe` must come, so the position has to be fixed by then. */
async function untilJoined(subscription: GroupSubscription, from: 'earliest' | 'latest'): Promise<void> {
  if (from === 'latest') return subscription.joined.then(() => failed(subscription));
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, JOIN_MS);
  });
  await Promise.race([subscription.joined.then(() => failed(subscription)), limit]);
  clearTimeout(timer);
}

/** Rejects when the subscription has ended by a failure already. */
const failed = (subscription: GroupSubscription): Promise<void> =>
  Promise.race([subscription.ended, Promise.resolve()]);

function traced(group: string, batch: EventBatch, handler: (batch: EventBatch) => Promise<void>): Promise<void> {
  const { topic, attempt, events } = batch;
  const attributes = { topic, group, attempt, events: events.length };
  return tracer().startActiveSpan(SPANS.eventsHandle, { attributes }, async (span) => {
    try {
      await handler(batch);
    } catch (error) {
      span.recordException(error as Error);
      throw error;
    } finally {
      span.end();
    }
  });
}

interface Limits {
  readonly maxBatchEvents: number;
  readonly maxAttempts: number;
}

function limitsOf(topic: string, options: SubscribeOptions): Limits {
  const { maxBatchEvents = DEFAULT_BATCH_EVENTS, maxAttempts = DEFAULT_ATTEMPTS, group } = options;
  if (group === '') throw invalid(topic, '`group` must not be empty');
  if (!(Number.isInteger(maxBatchEvents) && maxBatchEvents > 0))
    throw invalid(topic, `\`maxBatchEvents\` must be a whole number above 0; found ${maxBatchEvents}`);
  if (!(Number.isInteger(maxAttempts) && maxAttempts > 0))
    throw invalid(topic, `\`maxAttempts\` must be a whole number above 0; found ${maxAttempts}`);
  return { maxBatchEvents, maxAttempts };
}

const invalid = (topic: string, why: string): MilongaError =>
  new MilongaError('MILONGA_DEFINITION_INVALID', `A subscription to "${topic}" is not valid: ${why}.`);
