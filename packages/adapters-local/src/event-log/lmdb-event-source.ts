import {
  deadLetterTopicOf,
  type EventBatch,
  type EventSource,
  type GroupPosition,
  MilongaError,
  type SubscribeOptions,
  type Subscription,
  throwIfAborted,
} from '@milonga/core';
import { closed } from '../environment/storage-errors.ts';
import { groupKey, storedPosition } from './group.ts';
import { GroupSubscription, type SubscriptionSettings } from './group-subscription.ts';
import type { LogHandle } from './log-handle.ts';
import { Retention } from './retention.ts';

const WHAT = 'event source';
const DEFAULT_BATCH_EVENTS = 2_000;
const DEFAULT_ATTEMPTS = 5;

/** Consumer groups over the partitioned log. Members may be in one process or in several of one machine. */
export class LmdbEventSource implements EventSource {
  readonly #handle: LogHandle;
  readonly #retryDelayMs: number;
  readonly #subscriptions = new Set<GroupSubscription>();
  readonly #retention: Retention;
  #closing: Promise<void> | undefined;

  constructor(handle: LogHandle, options: { readonly retryDelayMs: number }) {
    this.#handle = handle;
    this.#retryDelayMs = options.retryDelayMs;
    this.#retention = new Retention(handle);
  }

  async subscribe(
    topicName: string,
    options: SubscribeOptions,
    handler: (batch: EventBatch) => Promise<void>,
  ): Promise<Subscription> {
    this.#checkOpen();
    throwIfAborted(options.signal, 'subscribe');
    const settings = this.#settingsOf(topicName, options);
    const { topics } = this.#handle;
    const topic = await topics.findOrCreate(topicName);
    const deadLetters = await topics.findOrCreate(deadLetterTopicOf(topicName));
    this.#checkOpen();
    const subscription = new GroupSubscription(this.#handle, topic, deadLetters, { ...options, ...settings }, handler);
    this.#subscriptions.add(subscription);
    const forget = (): void => void this.#subscriptions.delete(subscription);
    subscription.ended.then(forget, forget);
    await subscription.start();
    return subscription;
  }

  async positions(topicName: string, group: string): Promise<readonly GroupPosition[]> {
    this.#checkOpen();
    const { topics, log, environment } = this.#handle;
    const topic = topics.find(topicName);
    if (topic === undefined) return [];
    const records = environment.databaseByName('groups');
    const name = groupKey(topic, group);
    return environment.read(() =>
      Array.from(
        { length: topic.partitions },
        (_, partition): GroupPosition => ({
          partition,
          committedOffset: storedPosition(records, name, partition) ?? log.firstOffset(topic, partition),
          endOffset: log.endOffset(topic, partition),
        }),
      ),
    );
  }

  /** Ends every subscription, awaiting running handlers. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
    await this.#retention.stop();
    await this.#handle.close();
  }

  #settingsOf(topic: string, options: SubscribeOptions): SubscriptionSettings {
    const { maxBatchEvents = DEFAULT_BATCH_EVENTS, maxAttempts = DEFAULT_ATTEMPTS, group } = options;
    if (group === '') throw invalid(topic, '`group` must not be empty');
    if (!(Number.isInteger(maxBatchEvents) && maxBatchEvents > 0))
      throw invalid(topic, `\`maxBatchEvents\` must be a whole number above 0; found ${maxBatchEvents}`);
    if (!(Number.isInteger(maxAttempts) && maxAttempts > 0))
      throw invalid(topic, `\`maxAttempts\` must be a whole number above 0; found ${maxAttempts}`);
    return { maxBatchEvents, maxAttempts, retryDelayMs: this.#retryDelayMs };
  }

  #checkOpen(): void {
    if (this.#closing !== undefined || !this.#handle.isOpen) throw closed(WHAT);
  }
}

const invalid = (topic: string, why: string): MilongaError =>
  new MilongaError('MILONGA_DEFINITION_INVALID', `A subscription to "${topic}" is not valid: ${why}.`);
