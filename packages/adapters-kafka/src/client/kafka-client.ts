/**
 * The one seam between Milonga and a Kafka client library. Everything in `event-log/` speaks to these interfaces only;
 * what a library does differently is settled behind them. `kafkajs-*.ts` is the implementation in use; another library
 * replaces it by implementing {@link KafkaClient}.
 */

/** Headers as bytes; a name that came several times has a list. */
export type RecordHeaders = Readonly<Record<string, string | Buffer | readonly (string | Buffer)[] | undefined>>;

/** A record to be stored, with its partition chosen already. */
export interface OutgoingRecord {
  readonly topic: string;
  readonly partition: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: RecordHeaders;
}

/** A record as it lies in the log. */
export interface FetchedRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: RecordHeaders;
  readonly offset: number;
  /** Of the record itself: when it was published, Unix ms, unless its producer said otherwise. */
  readonly timestamp: number;
}

/** What one fetch gave of one partition. `records` may leave out offsets: transaction markers, compacted records. */
export interface FetchedRun {
  /** The offset that was asked for. */
  readonly from: number;
  /** The offset to ask for next. */
  readonly next: number;
  readonly records: readonly FetchedRecord[];
}

/**
 * Why a call failed, as far as it matters for what to do next.
 *
 * - `unavailable`: no broker answers, or not now; try again.
 * - `no-topic`: the topic does not exist.
 * - `too-large`: a batch or record is larger than the broker takes.
 * - `invalid`: the broker refuses the records or the request; trying again will not help.
 * - `denied`: authentication or authorization failed.
 * - `lost`: a member is no longer part of its group's generation, and its partitions may be somebody else's; or a
 *   producer's sequence is broken, and another producer is needed.
 */
export type KafkaFailureKind = 'unavailable' | 'no-topic' | 'too-large' | 'invalid' | 'denied' | 'lost';

/** What every method of the seam rejects with. */
export class KafkaFailure extends Error {
  override readonly name: string = 'KafkaFailure';
  readonly kind: KafkaFailureKind;

  constructor(kind: KafkaFailureKind, message: string, cause: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

/** A topic that is to be created. */
export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
  /** -1: what the cluster has as its default. */
  readonly replicationFactor: number;
  readonly settings: Readonly<Record<string, string>>;
}

/** First and next offset of a partition. */
export interface PartitionBounds {
  readonly partition: number;
  readonly firstOffset: number;
  readonly endOffset: number;
}

/**
 * An idempotent producer, acknowledged by all in-sync replicas.
 *
 * One `send` at a time. After a `send` has failed, either exactly the same records are sent again, or the producer is
 * closed and another one made: a broker tells repetitions by sequence numbers, and would take other records under the
 * same numbers for the ones it has.
 */
export interface KafkaProducer {
  /** Resolves when every record is stored; rejects with a {@link KafkaFailure} when that is not known of each of them. */
  send(records: readonly OutgoingRecord[]): Promise<void>;
  close(): Promise<void>;
}

/** What a consumer tells. None of these may throw. */
export interface KafkaConsumerListener {
  /**
   * The partitions are to be divided anew. True when nothing is running; else it is asked again until it is, and the
   * membership is kept alive meanwhile.
   */
  mayRebalance(): boolean;
  /** These partitions are ours now, and no others. Nothing comes from them before {@link KafkaConsumer.begin}. */
  assigned(partitions: readonly number[]): void;
  /** The next run of a partition; nothing more is fetched from the same broker until it resolves, so it should be soon. */
  received(partition: number, run: FetchedRun): Promise<void>;
  /** The consumer has ended by itself. */
  failed(failure: KafkaFailure): void;
}

/** A member of a consumer group of one topic. It never moves the group's position by itself. */
export interface KafkaConsumer {
  /** Connects and begins to join the group. */
  start(): Promise<void>;
  /** Reads an assigned partition from an offset on, whatever was read before. */
  begin(partition: number, offset: number): void;
  pause(partition: number): void;
  resume(partition: number): void;
  /** Stores the group's next offset of some of the assigned partitions. */
  commit(offsets: ReadonlyMap<number, number>): Promise<void>;
  /** Leaves the group. Nothing is received after it was called. */
  stop(): Promise<void>;
}

/** How a member takes part. */
export interface KafkaConsumerSettings {
  readonly group: string;
  readonly topic: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly maxFetchBytes: number;
}

/** Everything that Milonga needs from a Kafka library. Connections are made when they are needed. */
export interface KafkaClient {
  /** Creates a topic; false when it was there. */
  createTopic(topic: NewTopic): Promise<boolean>;
  /** `undefined` when there is no such topic. */
  partitionsOf(topic: string): Promise<number | undefined>;
  /** In order of partitions. */
  boundsOf(topic: string): Promise<readonly PartitionBounds[]>;
  /** The next offset by partition; partitions without one are missing. */
  committedOffsets(group: string, topic: string): Promise<ReadonlyMap<number, number>>;
  /** Connected and with its identity. */
  producer(): Promise<KafkaProducer>;
  consumer(settings: KafkaConsumerSettings, listener: KafkaConsumerListener): Promise<KafkaConsumer>;
  /** What went wrong with a connection last, for messages: says more than that nothing came back. */
  readonly lastTrouble: string | undefined;
  close(): Promise<void>;
}
