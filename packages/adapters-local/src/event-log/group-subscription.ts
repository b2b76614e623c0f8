import {
  type EventBatch,
  type EventMessage,
  MilongaError,
  type SubscribeOptions,
  type Subscription,
} from '@milonga/core';
import { GroupMember, type Share } from './group.ts';
import type { LogHandle } from './log-handle.ts';
import { PartitionConsumer } from './partition-consumer.ts';
import type { Topic } from './topics.ts';

/** How often a member looks at its group. */
const BALANCE_MS = 500;
const LONGEST_CAUSE = 1_000;
const never = (): boolean => false;

/** What the subscription is given besides what the caller asked for. */
export interface SubscriptionSettings {
  readonly maxBatchEvents: number;
  readonly maxAttempts: number;
  readonly retryDelayMs: number;
}

/** One member of a group at work: a consumer for each of its partitions. */
export class GroupSubscription implements Subscription {
  readonly ended: Promise<void>;
  readonly #handle: LogHandle;
  readonly #topic: Topic;
  readonly #deadLetters: Topic;
  readonly #options: SubscribeOptions & SubscriptionSettings;
  readonly #handler: (batch: EventBatch) => Promise<void>;
  readonly #member: GroupMember;
  readonly #consumers = new Map<number, { readonly consumer: PartitionConsumer; readonly done: Promise<void> }>();
  /** Partitions whose last batch here is awaited. */
  readonly #leaving = new Set<number>();
  readonly #settle: { resolve: () => void; reject: (error: unknown) => void };
  #balancing: Promise<void> | undefined;
  #isAgain = false;
  #timer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;
  #stopListening: () => void = () => {};

  constructor(
    handle: LogHandle,
    topic: Topic,
    deadLetters: Topic,
    options: SubscribeOptions & SubscriptionSettings,
    handler: (batch: EventBatch) => Promise<void>,
  ) {
    this.#handle = handle;
    this.#topic = topic;
    this.#deadLetters = deadLetters;
    this.#options = options;
    this.#handler = handler;
    this.#member = new GroupMember(handle.environment, handle.log, topic, options.group, options.from ?? 'earliest');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#settle = { resolve, reject };
    promise.catch(() => {}); // Whoever awaits `ended` sees it; nobody has to.
  }

  async start(): Promise<void> {
    this.#stopListening = this.#handle.signal.onGroupChange(this.#member.name, () => void this.#balance());
    await this.#balance();
    this.#timer = setInterval(() => void this.#balance(), BALANCE_MS);
    this.#options.signal?.addEventListener('abort', this.#abort, { once: true });
    if (this.#options.signal?.aborted) this.#abort();
    else this.#handle.signal.groupChanged(this.#member.name);
  }

  readonly #abort = (): void => void this.close();

  close(): Promise<void> {
    this.#closing ??= this.#end(undefined);
    return this.#closing;
  }

  async #end(failure: { readonly error: unknown } | undefined): Promise<void> {
    clearInterval(this.#timer);
    this.#options.signal?.removeEventListener('abort', this.#abort);
    this.#stopListening();
    await this.#balancing;
    for (const { consumer } of this.#consumers.values()) consumer.stop();
    await Promise.all([...this.#consumers.values()].map(({ done }) => done));
    await this.#member.leave().catch(() => {}); // The others take over when the membership runs out.
    this.#handle.signal.groupChanged(this.#member.name);
    if (failure === undefined) this.#settle.resolve();
    else this.#settle.reject(failure.error);
  }

  /** One look at the group at a time; who asks meanwhile gets another one after it. */
  #balance(): Promise<void> {
    if (this.#closing !== undefined) return Promise.resolve();
    this.#isAgain = true;
    this.#balancing ??= this.#balanceUntilQuiet().finally(() => {
      this.#balancing = undefined;
    });
    return this.#balancing;
  }

  async #balanceUntilQuiet(): Promise<void> {
    while (this.#isAgain && this.#closing === undefined) {
      this.#isAgain = false;
      try {
        this.#follow(await this.#member.balance());
      } catch (error) {
        // A full disk may pass. Without renewal the partitions go to others, and commits here are refused.
        if (!MilongaError.isInstance(error) || !error.isRetryable) this.#fail(error);
      }
    }
  }

  #fail(error: unknown): void {
    this.#closing ??= Promise.resolve().then(() => this.#end({ error }));
  }

  #follow({ mine, surplus }: Share): void {
    for (const [partition, { consumer }] of this.#consumers) if (!mine.includes(partition)) consumer.stop();
    for (const partition of surplus) void this.#handOver(partition);
    for (const partition of mine) if (!surplus.includes(partition)) this.#startConsumer(partition);
  }

  async #handOver(partition: number): Promise<void> {
    if (this.#leaving.has(partition)) return;
    this.#leaving.add(partition);
    const running = this.#consumers.get(partition);
    running?.consumer.stop();
    await running?.done;
    if (this.#closing !== undefined || !this.#handle.isOpen) return;
    await this.#member.release(partition).catch(() => {}); // Tried again at the next look.
    this.#leaving.delete(partition);
    this.#handle.signal.groupChanged(this.#member.name);
  }

  #startConsumer(partition: number): void {
    if (this.#consumers.has(partition)) return;
    const consumer = new PartitionConsumer({
      ...this.#options,
      topic: this.#topic,
      partition,
      position: this.#member.position(partition),
      log: this.#handle.log,
      signal: this.#handle.signal,
      handler: this.#handler,
      commit: (offset) => this.#handle.environment.write(() => this.#member.commitNow(partition, offset)),
      giveUp: (batch, cause, offset) => this.#giveUp(batch, cause, offset),
    });
    const done = consumer
      .run()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => this.#consumers.delete(partition));
    this.#consumers.set(partition, { consumer, done });
  }

  /** The dead letters and the commit are one transaction: neither is lost, neither is written twice. */
  async #giveUp(batch: EventBatch, cause: string, offset: number): Promise<boolean> {
    const letters = batch.events.map(
      (event): EventMessage => ({
        ...event,
        headers: {
          ...event.headers,
          'milonga-cause': cause.slice(0, LONGEST_CAUSE),
          'milonga-topic': batch.topic,
          'milonga-partition': String(batch.partition),
          'milonga-offset': String(event.offset),
          'milonga-group': this.#options.group,
        },
      }),
    );
    const isMine = await this.#handle.environment.write(() => {
      if (!this.#member.commitNow(batch.partition, offset)) return false;
      this.#handle.log.appendNow(this.#deadLetters, letters, 0, never, () => {});
      return true;
    });
    if (isMine) this.#handle.signal.published(this.#deadLetters.id);
    return isMine;
  }
}
