import {
  deadLetterTopicOf,
  type EventBatch,
  type EventSource,
  type GroupPosition,
  messageOf,
  type SubscribeOptions,
  type Subscription,
  throwIfAborted,
} from '@milonga/core';
import { closed } from '../environment/storage-errors.ts';
import { endOf, type MemoryLog, type MemoryPartition, type MemoryTopic } from './memory-log.ts';

/** Consumer groups over arrays. Members of a group share its partitions; all live in this process. */
export class MemoryEventSource implements EventSource {
  readonly #log: MemoryLog;
  readonly #retryDelayMs: number;
  readonly #members = new Map<string, MemorySubscription[]>();
  #isOpen = true;

  constructor(log: MemoryLog, options: { readonly retryDelayMs: number }) {
    this.#log = log;
    this.#retryDelayMs = options.retryDelayMs;
  }

  async subscribe(
    topicName: string,
    options: SubscribeOptions,
    handler: (batch: EventBatch) => Promise<void>,
  ): Promise<Subscription> {
    this.#checkOpen();
    throwIfAborted(options.signal, 'subscribe');
    const topic = this.#log.topics.get(topicName) ?? this.#log.ensure({ name: topicName });
    const group = positionKey(topicName, options.group);
    const members = this.#members.get(group) ?? [];
    this.#members.set(group, members);
    const leave = (member: MemorySubscription): void => {
      members.splice(members.indexOf(member), 1);
      this.#log.changed();
    };
    const subscription = new MemorySubscription(
      this.#log,
      topic,
      group,
      options,
      handler,
      this.#retryDelayMs,
      members,
      leave,
    );
    members.push(subscription);
    subscription.start();
    this.#log.changed();
    return subscription;
  }

  async positions(topicName: string, group: string): Promise<readonly GroupPosition[]> {
    this.#checkOpen();
    const topic = this.#log.topics.get(topicName);
    return (topic?.partitions ?? []).map((partition, at) => {
      this.#log.expire(topic!, partition);
      const committedOffset = this.#log.positions.get(`${positionKey(topicName, group)}/${at}`) ?? partition.first;
      return { partition: at, committedOffset, endOffset: endOf(partition) };
    });
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    await Promise.all([...this.#members.values()].flat().map((member) => member.close()));
  }

  #checkOpen(): void {
    if (!this.#isOpen) throw closed('event source');
  }
}

const positionKey = (topic: string, group: string): string =>
  `${encodeURIComponent(topic)}/${encodeURIComponent(group)}`;

/** Partitions of one group that a handler has at hand, so that a new owner waits for the old one's batch. */
const atHand = new WeakMap<MemoryPartition, Set<string>>();

class MemorySubscription implements Subscription {
  readonly ended: Promise<void>;
  readonly #log: MemoryLog;
  readonly #topic: MemoryTopic;
  readonly #group: string;
  readonly #options: SubscribeOptions;
  readonly #handler: (batch: EventBatch) => Promise<void>;
  readonly #retryDelayMs: number;
  readonly #members: readonly MemorySubscription[];
  readonly #leave: (member: MemorySubscription) => void;
  readonly #running = new Map<number, Promise<void>>();
  readonly #stop = new AbortController();
  readonly #resolveEnded: () => void;
  #closing: Promise<void> | undefined;

  constructor(
    log: MemoryLog,
    topic: MemoryTopic,
    group: string,
    options: SubscribeOptions,
    handler: (batch: EventBatch) => Promise<void>,
    retryDelayMs: number,
    members: readonly MemorySubscription[],
    leave: (member: MemorySubscription) => void,
  ) {
    this.#log = log;
    this.#topic = topic;
    this.#group = group;
    this.#options = options;
    this.#handler = handler;
    this.#retryDelayMs = retryDelayMs;
    this.#members = members;
    this.#leave = leave;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#resolveEnded = resolve;
  }

  start(): void {
    this.#topic.partitions.forEach((partition, at) => {
      const key = `${this.#group}/${at}`;
      if (this.#options.from === 'latest' && !this.#log.positions.has(key))
        this.#log.positions.set(key, endOf(partition));
    });
    this.#log.listeners.add(this.#look);
    this.#options.signal?.addEventListener('abort', this.#abort, { once: true });
  }

  readonly #abort = (): void => void this.close();

  /** Starts a loop for every partition of this member that has something to read. */
  readonly #look = (): void => {
    const rank = this.#members.indexOf(this);
    this.#topic.partitions.forEach((partition, at) => {
      if (at % this.#members.length !== rank || this.#running.has(at) || this.#stop.signal.aborted) return;
      if (this.#position(at) >= endOf(partition) || atHand.get(partition)?.has(this.#group)) return;
      const hands = atHand.get(partition) ?? new Set();
      atHand.set(partition, hands.add(this.#group));
      this.#running.set(
        at,
        this.#consume(partition, at).finally(() => {
          this.#running.delete(at);
          hands.delete(this.#group);
          this.#log.changed();
        }),
      );
    });
  };

  #position(at: number): number {
    const partition = this.#topic.partitions[at]!;
    return Math.max(this.#log.positions.get(`${this.#group}/${at}`) ?? 0, partition.first);
  }

  async #consume(partition: MemoryPartition, at: number): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#stop.signal.aborted) return;
    this.#log.expire(this.#topic, partition);
    const start = this.#position(at) - partition.first;
    const events = partition.events.slice(start, start + (this.#options.maxBatchEvents ?? 2_000));
    if (events.length === 0) return;
    for (let attempt = 1; ; attempt += 1) {
      const batch: EventBatch = { topic: this.#topic.name, partition: at, events, attempt };
      const failure = await this.#handle(batch);
      if (failure !== undefined && this.#stop.signal.aborted) return; // being stopped makes handlers fail
      if (failure !== undefined && attempt < (this.#options.maxAttempts ?? 5)) {
        await this.#delay(this.#retryDelayMs * 2 ** (attempt - 1));
        if (this.#stop.signal.aborted) return;
        continue;
      }
      if (failure !== undefined) this.#bury(batch, failure);
      this.#log.positions.set(`${this.#group}/${at}`, events.at(-1)!.offset! + 1);
      return;
    }
  }

  async #handle(batch: EventBatch): Promise<string | undefined> {
    try {
      await this.#handler(batch);
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  }

  #bury({ events, topic, partition }: EventBatch, cause: string): void {
    const letters = this.#log.ensure({ name: deadLetterTopicOf(topic) });
    for (const event of events) {
      this.#log.append(letters, {
        ...event,
        headers: {
          ...event.headers,
          'milonga-cause': cause,
          'milonga-topic': topic,
          'milonga-partition': String(partition),
          'milonga-offset': String(event.offset),
          'milonga-group': this.#options.group,
        },
      });
    }
  }

  #delay(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      this.#stop.signal.addEventListener(
        'abort',
        () => {
          clearTimeout(timer);
          resolve();
        },
        { once: true },
      );
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    this.#stop.abort();
    this.#log.listeners.delete(this.#look);
    this.#options.signal?.removeEventListener('abort', this.#abort);
    await Promise.all(this.#running.values());
    this.#leave(this);
    this.#resolveEnded();
  }
}
