import type { Logger, SubscribeOptions } from '@milonga/core';
import {
  type FetchedRun,
  type KafkaClient,
  type KafkaConsumer,
  type KafkaConsumerListener,
  type KafkaConsumerSettings,
  KafkaFailure,
} from '../client/kafka-client.ts';
import { PartitionWorker, type WorkerOptions } from './partition-worker.ts';
import { PositionCommitter } from './position-committer.ts';

/** How long a fetch waits for a busy partition, before that partition is paused so that the others go on. */
const ROOM_MS = 200;
const RETRY_MS = 500;
const FLUSH_MS = 5_000;

/** What a {@link GroupSession} is given. */
export interface SessionOptions extends Omit<WorkerOptions, 'partition' | 'moved'> {
  readonly client: KafkaClient;
  readonly from: NonNullable<SubscribeOptions['from']>;
  readonly settings: KafkaConsumerSettings;
  readonly logger: Logger;
}

/** One life of one consumer: its partitions at work, until it is stopped or fails. */
export class GroupSession implements KafkaConsumerListener {
  readonly #options: SessionOptions;
  readonly #workers = new Map<number, PartitionWorker>();
  readonly #committer: PositionCommitter;
  readonly #joined = Promise.withResolvers<void>();
  readonly #failed = Promise.withResolvers<KafkaFailure>();
  #consumer: KafkaConsumer | undefined;
  /** Grows with each division of the partitions. */
  #generation = 0;
  #isStopping = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#committer = new PositionCommitter({
      commit: (offsets) => this.#consumer!.commit(offsets),
      lost: (failure) => {
        options.logger.info('A member of a consumer group lost its partitions; it joins again', this.#names(failure));
        this.#stopWorkers();
      },
    });
  }

  /** Resolves when the session has partitions for the first time, and reads them from their positions on. */
  get joined(): Promise<void> {
    return this.#joined.promise;
  }

  /** Resolves with what ended the session, when that was not `stop`. */
  get failure(): Promise<KafkaFailure> {
    return this.#failed.promise;
  }

  async start(): Promise<void> {
    const { client, settings } = this.#options;
    try {
      this.#consumer = await client.consumer(settings, this);
      if (!this.#isStopping) await this.#consumer.start();
    } catch (error) {
      this.failed(error instanceof KafkaFailure ? error : new KafkaFailure('invalid', String(error), error));
    }
  }

  mayRebalance(): boolean {
    this.#stopWorkers();
    for (const worker of this.#workers.values()) if (worker.isBusy) return false;
    return this.#committer.isIdle;
  }

  assigned(partitions: readonly number[]): void {
    this.#generation += 1;
    this.#stopWorkers();
    this.#workers.clear();
    if (!this.#isStopping) void this.#begin(this.#generation, partitions);
  }

  /** Finds where each partition stands, and sets it to work. */
  async #begin(generation: number, partitions: readonly number[]): Promise<void> {
    const isCurrent = (): boolean => generation === this.#generation && !this.#isStopping;
    while (isCurrent()) {
      try {
        const positions = await this.#positionsOf(partitions);
        if (!isCurrent()) return;
        for (const [partition, position] of positions) {
          this.#workers.set(partition, this.#newWorker(partition));
          this.#consumer!.begin(partition, position);
        }
        this.#joined.resolve();
        return;
      } catch (error) {
        const failure = error instanceof KafkaFailure ? error : new KafkaFailure('unavailable', String(error), error);
        if (failure.kind === 'lost') return; // The next division is on its way.
        if (failure.kind === 'denied' || failure.kind === 'invalid') return this.failed(failure);
        if (isCurrent())
          this.#options.logger.warn('A group cannot find its position; trying again', this.#names(failure));
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  async #positionsOf(partitions: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const positions = new Map<number, number>();
    if (partitions.length === 0) return positions;
    const { client, from, settings } = this.#options;
    const committed = await client.committedOffsets(settings.group, settings.topic);
    const bounds = new Map((await client.boundsOf(settings.topic)).map((each) => [each.partition, each]));
    const latest = new Map<number, number>();
    for (const partition of partitions) {
      const { firstOffset = 0, endOffset = 0 } = bounds.get(partition) ?? {};
      const stored = committed.get(partition);
      if (stored === undefined && from === 'latest') latest.set(partition, endOffset);
      positions.set(
        partition,
        // What retention dropped is passed over; a log that was cut off is read from where it ends.
        Math.min(Math.max(stored ?? (from === 'latest' ? endOffset : 0), firstOffset), endOffset),
      );
    }
    // So that the next member begins there too, and what is published from now on is not passed over.
    if (latest.size > 0) await this.#consumer!.commit(latest);
    return positions;
  }

  #newWorker(partition: number): PartitionWorker {
    const moved = (at: number, next: number): void => this.#committer.moved(at, next);
    return new PartitionWorker({ ...this.#options, partition, moved });
  }

  async received(partition: number, run: FetchedRun): Promise<void> {
    const worker = this.#workers.get(partition);
    if (worker === undefined || this.#isStopping) return;
    worker.offer(run);
    if (worker.hasRoom) return;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ROOM_MS);
    });
    await Promise.race([worker.room, limit]);
    clearTimeout(timer);
    if (worker.hasRoom || this.#workers.get(partition) !== worker) return;
    this.#consumer?.pause(partition);
    void worker.room.then(() => {
      if (this.#workers.get(partition) === worker && !this.#isStopping) this.#consumer?.resume(partition);
    });
  }

  failed(failure: KafkaFailure): void {
    this.#generation += 1;
    this.#committer.abandon();
    this.#stopWorkers();
    this.#failed.resolve(failure);
  }

  #stopWorkers(): void {
    for (const worker of this.#workers.values()) worker.stop();
  }

  /** Waits for running handlers, stores how far they came, and leaves the group. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#stopWorkers();
    await Promise.all(Array.from(this.#workers.values(), ({ done }) => done));
    await this.#committer.flush(FLUSH_MS);
    this.#committer.abandon();
    await this.#consumer?.stop();
  }

  #names(failure: KafkaFailure): Readonly<Record<string, string>> {
    const { topic, group } = this.#options.settings;
    return { topic, group, cause: failure.message };
  }
}
