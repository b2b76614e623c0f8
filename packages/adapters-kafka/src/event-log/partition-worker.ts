import { type EventBatch, messageOf, type ReceivedEvent } from '@milonga/core';
import type { FetchedRecord, FetchedRun } from '../client/kafka-client.ts';
import { decodeRecord } from './record-codec.ts';

const LONGEST_DELAY_MS = 30_000;
/** Runs that wait while another is being handled. */
const MAX_WAITING = 1;

/** Records that no handler could take, and why. */
export interface DeadRecords {
  readonly partition: number;
  readonly records: readonly FetchedRecord[];
  readonly cause: string;
}

/** What the worker of one partition needs from the rest. */
export interface WorkerOptions {
  readonly topic: string;
  readonly partition: number;
  readonly maxBatchEvents: number;
  readonly maxAttempts: number;
  readonly retryDelayMs: number;
  readonly handler: (batch: EventBatch) => Promise<void>;
  /** The group has come so far. */
  readonly moved: (partition: number, next: number) => void;
  /** Stores records in the dead-letter topic. */
  readonly bury: (dead: DeadRecords) => Promise<void>;
  /** They could not be stored, and will be tried again. */
  readonly unburied: (error: unknown) => void;
  readonly measured: (events: number, outcome: 'handled' | 'retried' | 'dead-letter') => void;
}

/** Consecutive records of a batch and the events in them. */
interface Cut {
  readonly records: readonly FetchedRecord[];
  readonly events: readonly ReceivedEvent[];
}

/** Hands one partition's events to the handler, a batch at a time, until it is stopped. */
export class PartitionWorker {
  readonly #options: WorkerOptions;
  readonly #waiting: FetchedRun[] = [];
  readonly #stopped = Promise.withResolvers<void>();
  #isStopped = false;
  #wake: (() => void) | undefined;
  #room = Promise.withResolvers<void>();
  /** Resolves when nothing of it runs any more. */
  readonly done: Promise<void>;
  #isBusy = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.done = this.#run();
  }

  /** True while a handler runs, or waits to run again. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  get hasRoom(): boolean {
    return this.#waiting.length < MAX_WAITING;
  }

  /** Resolves when another run may be offered, or the worker has ended. */
  get room(): Promise<void> {
    return this.#room.promise;
  }

  offer(run: FetchedRun): void {
    if (this.#isStopped) return;
    this.#waiting.push(run);
    if (!this.hasRoom) this.#room = Promise.withResolvers<void>();
    this.#wake?.();
  }

  /** Ends after the handler at hand; what waits is left to whoever has the partition next. */
  stop(): void {
    this.#isStopped = true;
    this.#waiting.length = 0;
    this.#stopped.resolve();
    this.#room.resolve();
    this.#wake?.();
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const run = this.#waiting.shift();
      this.#room.resolve();
      if (run === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
      } else if (await this.#deliverRun(run)) this.#options.moved(this.#options.partition, run.next);
    }
  }

  /** True when every record of the run is handled or buried. */
  async #deliverRun(run: FetchedRun): Promise<boolean> {
    this.#isBusy = true;
    try {
      return await this.#deliverRecords(run);
    } finally {
      this.#isBusy = false;
    }
  }

  async #deliverRecords({ records }: FetchedRun): Promise<boolean> {
    for (let at = 0; at < records.length; ) {
      if (this.#isStopped) return false;
      const cut = this.#cut(records, at);
      const isDelivered = typeof cut === 'string' ? await this.#bury([records[at]!], cut) : await this.#deliver(cut);
      if (!isDelivered) return false;
      at += typeof cut === 'string' ? 1 : cut.records.length;
      this.#options.moved(this.#options.partition, records[at - 1]!.offset + 1);
      // Handlers that resolve at once would otherwise keep everybody else from running.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return true;
  }

  /** The next batch: records up to the first that holds no event; in words why, when that is the first one. */
  #cut(records: readonly FetchedRecord[], from: number): Cut | string {
    const { topic, partition, maxBatchEvents } = this.#options;
    const events: ReceivedEvent[] = [];
    const end = Math.min(records.length, from + maxBatchEvents);
    for (let at = from; at < end; at += 1) {
      const event = decodeRecord(topic, partition, records[at]!);
      if (typeof event !== 'string') events.push(event);
      else if (events.length === 0) return event;
      else break;
    }
    return { events, records: records.slice(from, from + events.length) };
  }

  /** Hands out a batch until it is handled or buried; false when the worker was stopped before. */
  async #deliver({ events, records }: Cut): Promise<boolean> {
    const { topic, partition, maxAttempts, handler, retryDelayMs, measured } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      const failure = await failureOf(handler, { topic, partition, events, attempt });
      if (failure === undefined) {
        measured(events.length, 'handled');
        return true;
      }
      if (this.#isStopped) return false; // being stopped makes handlers fail: no fault of the events
      if (attempt >= maxAttempts) return this.#bury(records, failure);
      measured(events.length, 'retried');
      await this.#sleep(delayAfter(attempt, retryDelayMs));
      if (this.#isStopped) return false;
    }
  }

  /** Again and again while the dead-letter topic cannot be written: nothing is dropped, and the order is kept. */
  async #bury(records: readonly FetchedRecord[], cause: string): Promise<boolean> {
    const { partition, bury, unburied, retryDelayMs, measured } = this.#options;
    for (let attempt = 1; !this.#isStopped; attempt += 1) {
      try {
        await bury({ partition, records, cause });
        measured(records.length, 'dead-letter');
        return true;
      } catch (error) {
        unburied(error);
        await this.#sleep(delayAfter(attempt, retryDelayMs));
      }
    }
    return false;
  }

  async #sleep(delayMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const slept = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, delayMs);
    });
    await Promise.race([slept, this.#stopped.promise]);
    clearTimeout(timer);
  }
}

/** What the handler threw, in words; `undefined` when it resolved. */
async function failureOf(handler: WorkerOptions['handler'], batch: EventBatch): Promise<string | undefined> {
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
