import { type EventBatch, MilongaError, messageOf, type ReceivedEvent } from '@milonga/core';
import type { ChunkReader } from './chunk-reader.ts';
import type { EventLog } from './event-log.ts';
import type { LogSignal, Waiter } from './log-signal.ts';
import type { Topic } from './topics.ts';

/** Bytes after which a batch ends, however few its events. */
const BATCH_BYTES = 8 * 1024 * 1024;
/** Reading that takes so long ends the batch: where events were published one by one, each is a value of its own. */
const BATCH_MS = 2;
const LONGEST_DELAY_MS = 30_000;

/** What a consumer of one partition needs from the rest. */
export interface ConsumerOptions {
  readonly topic: Topic;
  readonly partition: number;
  readonly position: number;
  readonly log: EventLog;
  readonly signal: LogSignal;
  readonly maxBatchEvents: number;
  readonly maxAttempts: number;
  readonly retryDelayMs: number;
  readonly handler: (batch: EventBatch) => Promise<void>;
  /** Moves the group's position; false when the partition is somebody else's by now. */
  readonly commit: (offset: number) => Promise<boolean>;
  /** Writes events to the dead-letter topic and moves the position, together. */
  readonly giveUp: (batch: EventBatch, cause: string, offset: number) => Promise<boolean>;
}

/** Reads one partition for one group: a batch, the handler, the commit, and so on. */
export class PartitionConsumer implements Waiter {
  readonly topicId: number;
  readonly #options: ConsumerOptions;
  #position: number;
  #reader: ChunkReader | undefined;
  #isStopped = false;
  #wake: (() => void) | undefined;

  constructor(options: ConsumerOptions) {
    this.#options = options;
    this.topicId = options.topic.id;
    this.#position = options.position;
  }

  /** Ends after the handler at hand. */
  stop(): void {
    this.#isStopped = true;
    this.wake();
  }

  wake(): void {
    this.#wake?.();
  }

  isReady(): boolean {
    return this.#options.log.endOffset(this.#options.topic, this.#options.partition) > this.#position;
  }

  /** Resolves when it was stopped or the partition was lost; rejects when the log cannot be read. */
  async run(): Promise<void> {
    while (!this.#isStopped) {
      const events = this.#read();
      if (events.length === 0) await this.#untilReady();
      else if (!(await this.#deliver(events))) return;
      // Handlers that resolve at once would otherwise keep everybody else from running until the log is read up.
      else await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #read(): readonly ReceivedEvent[] {
    const { log, topic, partition, maxBatchEvents } = this.#options;
    const events: ReceivedEvent[] = [];
    const endsAt = performance.now() + BATCH_MS;
    for (let bytes = 0; events.length < maxBatchEvents && bytes < BATCH_BYTES && performance.now() < endsAt; ) {
      if (this.#reader === undefined || this.#reader.isDone)
        this.#reader = log.readFrom(topic, partition, this.#reader?.offset ?? this.#position);
      if (this.#reader === undefined) break;
      bytes += this.#reader.take(events, maxBatchEvents - events.length);
    }
    if (events.length === 0) this.#position = Math.max(this.#position, log.firstOffset(topic, partition));
    return events;
  }

  async #untilReady(): Promise<void> {
    if (this.isReady()) return;
    await this.#sleep(undefined, this.#options.signal);
  }

  /** Hands out a batch until it is handled or given up; false when the partition was lost or the consumer stopped. */
  async #deliver(events: readonly ReceivedEvent[]): Promise<boolean> {
    const { topic, partition, maxAttempts, handler, commit, giveUp, retryDelayMs } = this.#options;
    const next = events.at(-1)!.offset! + 1;
    for (let attempt = 1; ; attempt += 1) {
      const batch: EventBatch = { topic: topic.name, partition, events, attempt };
      const failure = await failureOf(handler, batch);
      if (failure === undefined) return this.#store(() => commit(next), next);
      if (this.#isStopped) return false; // being stopped makes handlers fail: no fault of the events
      if (attempt >= maxAttempts) return this.#store(() => giveUp(batch, failure, next), next);
      await this.#sleep(delayAfter(attempt, retryDelayMs));
      if (this.#isStopped) return false;
    }
  }

  /** Writes the position, again and again while the disk is full: nothing may be handed out that cannot be committed. */
  async #store(write: () => Promise<boolean>, next: number): Promise<boolean> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        if (!(await write())) return false;
        this.#position = next;
        return true;
      } catch (error) {
        if (!MilongaError.isInstance(error) || !error.isRetryable) throw error;
        if (this.#isStopped) return false;
        await this.#sleep(delayAfter(attempt, this.#options.retryDelayMs));
      }
    }
  }

  /** Until woken, stopped or the time is up. */
  #sleep(delayMs: number | undefined, signal?: LogSignal): Promise<void> {
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      this.#wake = () => {
        if (delayMs !== undefined && !this.#isStopped) return;
        clearTimeout(timer);
        signal?.remove(this);
        this.#wake = undefined;
        resolve();
      };
      if (this.#isStopped) return this.#wake();
      signal?.add(this);
      if (delayMs !== undefined) timer = setTimeout(() => this.#elapsed(resolve), delayMs);
    });
  }

  #elapsed(resolve: () => void): void {
    this.#wake = undefined;
    resolve();
  }
}

/** What the handler threw, in words; `undefined` when it resolved. */
async function failureOf(handler: ConsumerOptions['handler'], batch: EventBatch): Promise<string | undefined> {
  try {
    await handler(batch);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** Doubles with each attempt, and differs a little so that partitions that failed together do not all come back together. */
const delayAfter = (attempt: number, firstMs: number): number =>
  Math.min(firstMs * 2 ** (attempt - 1), LONGEST_DELAY_MS) * (0.9 + Math.random() * 0.2);
