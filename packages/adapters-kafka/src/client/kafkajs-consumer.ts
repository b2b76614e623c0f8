import type {
  AssignerProtocol,
  Consumer,
  ConsumerGroupJoinEvent,
  EachBatchPayload,
  Kafka,
  KafkaMessage,
} from 'kafkajs';
import { RETRY } from './connection-options.ts';
import { gatedAssigner } from './gated-assigner.ts';
import {
  type FetchedRecord,
  type KafkaConsumer,
  type KafkaConsumerListener,
  type KafkaConsumerSettings,
  KafkaFailure,
} from './kafka-client.ts';
import { failureOf } from './kafkajs-errors.ts';

/** How long a fetch waits for events, and so how long a closing consumer waits for its fetch. */
const FETCH_WAIT_MS = 100;
/** Above the number of partitions that one process reads. */
const CONCURRENCY = 256;
/** A connection that does not come down is left to itself after so long. */
const STOP_MS = 5_000;

/** {@link KafkaConsumer} over kafkajs. It is used once: after it has ended or failed, another one is made. */
export class KafkaJsConsumer implements KafkaConsumer {
  readonly #consumer: Consumer;
  readonly #settings: KafkaConsumerSettings;
  readonly #listener: KafkaConsumerListener;
  readonly #heartbeatMs: number;
  /** Of the latest batch; its functions work as long as the consumer runs. */
  #payload: EachBatchPayload | undefined;
  #keepingAlive: NodeJS.Timeout | undefined;
  #isOver = false;
  /** Where a fetch began elsewhere than expected: once is asked again, twice the same is a gap in the log. */
  readonly #expected = new Map<number, { next: number; gapAt: number | undefined }>();

  constructor(
    kafka: Kafka,
    protocol: typeof AssignerProtocol,
    settings: KafkaConsumerSettings,
    listener: KafkaConsumerListener,
  ) {
    this.#settings = settings;
    this.#listener = listener;
    this.#heartbeatMs = Math.max(100, Math.floor(settings.sessionTimeoutMs / 10));
    this.#consumer = kafka.consumer({
      groupId: settings.group,
      partitionAssigners: [gatedAssigner(protocol, () => this.#mayJoin())],
      sessionTimeout: settings.sessionTimeoutMs,
      rebalanceTimeout: settings.rebalanceTimeoutMs,
      heartbeatInterval: this.#heartbeatMs,
      maxBytesPerPartition: settings.maxFetchBytes,
      maxBytes: settings.maxFetchBytes * 16,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      allowAutoTopicCreation: false,
      // Whoever made this consumer makes the next one: kafkajs restarts after some failures only.
      retry: { ...RETRY, restartOnFailure: () => Promise.resolve(false) },
    });
  }

  async start(): Promise<void> {
    const { GROUP_JOIN, CRASH } = this.#consumer.events;
    this.#consumer.on(GROUP_JOIN, (event) => this.#joined(event));
    this.#consumer.on(CRASH, ({ payload: { error } }) => this.#crashed(error));
    try {
      await this.#consumer.connect();
      // A group's own position is looked up by whoever calls `begin`; this is for positions that retention has passed.
      await this.#consumer.subscribe({ topics: [this.#settings.topic], fromBeginning: true });
      await this.#consumer.run({
        autoCommit: false,
        partitionsConsumedConcurrently: CONCURRENCY,
        eachBatch: (payload) => this.#received(payload),
      });
    } catch (error) {
      throw failureOf(error, `Joining the group "${this.#settings.group}"`);
    }
  }

  #mayJoin(): boolean {
    const isIdle = this.#isOver || this.#listener.mayRebalance();
    if (isIdle) this.#stopKeepingAlive();
    // The fetch loop, which sends the heartbeats, stands still until then.
    else
      this.#keepingAlive ??= setInterval(() => {
        this.#payload?.heartbeat().catch(() => {}); // It says that the group rebalances, which we know.
      }, this.#heartbeatMs);
    return isIdle;
  }

  #stopKeepingAlive(): void {
    clearInterval(this.#keepingAlive);
    this.#keepingAlive = undefined;
  }

  #joined({ payload: { memberAssignment } }: ConsumerGroupJoinEvent): void {
    if (this.#isOver) return;
    const { topic } = this.#settings;
    const partitions = memberAssignment[topic] ?? [];
    this.#expected.clear();
    this.#consumer.pause([{ topic, partitions: [...partitions] }]);
    this.#listener.assigned(partitions);
  }

  #crashed(error: Error): void {
    this.#stopKeepingAlive();
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.failed(failureOf(error, `Consuming "${this.#settings.topic}"`));
  }

  async #received(payload: EachBatchPayload): Promise<void> {
    this.#payload = payload;
    const { batch } = payload;
    const place = this.#expected.get(batch.partition);
    if (this.#isOver || place === undefined || payload.isStale()) return;
    // The offset that was asked for; not among the types of kafkajs, but a plain field of its Batch.
    const from = Number((batch as unknown as { readonly fetchedOffset: string }).fetchedOffset);
    if (from !== place.next && place.gapAt !== from) {
      this.begin(batch.partition, place.next);
      this.#expected.set(batch.partition, { next: place.next, gapAt: from });
      return;
    }
    const next = Number(batch.lastOffset()) + 1;
    this.#expected.set(batch.partition, { next, gapAt: undefined });
    await this.#listener.received(batch.partition, { from, next, records: batch.messages.map(recordOf) });
  }

  begin(partition: number, offset: number): void {
    if (this.#isOver) return;
    const { topic } = this.#settings;
    this.#expected.set(partition, { next: offset, gapAt: undefined });
    this.#consumer.seek({ topic, partition, offset: String(offset) });
    this.#consumer.resume([{ topic, partitions: [partition] }]);
  }

  pause(partition: number): void {
    if (!this.#isOver) this.#consumer.pause([{ topic: this.#settings.topic, partitions: [partition] }]);
  }

  resume(partition: number): void {
    if (!this.#isOver) this.#consumer.resume([{ topic: this.#settings.topic, partitions: [partition] }]);
  }

  async commit(offsets: ReadonlyMap<number, number>): Promise<void> {
    const { topic, group } = this.#settings;
    const partitions = Array.from(offsets, ([partition, offset]) => ({ partition, offset: String(offset) }));
    try {
      if (this.#isOver) throw new KafkaFailure('lost', 'The consumer has ended.', undefined);
      // Not `consumer.commitOffsets`: that one resolves although nothing is stored when the consumer is stopping.
      if (this.#payload !== undefined)
        await this.#payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions }] });
      else await this.#consumer.commitOffsets(partitions.map((at) => ({ topic, ...at })));
    } catch (error) {
      throw failureOf(error, `Committing the position of the group "${group}"`);
    }
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    this.#stopKeepingAlive();
    const stopped = this.#consumer.disconnect().catch(() => {}); // The group notices when the session runs out.
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_MS);
    });
    await Promise.race([stopped, limit]);
    clearTimeout(timer);
  }
}

const recordOf = ({ key, value, headers, offset, timestamp }: KafkaMessage): FetchedRecord => ({
  key,
  value,
  headers: headers ?? {},
  offset: Number(offset),
  timestamp: Number(timestamp),
});
