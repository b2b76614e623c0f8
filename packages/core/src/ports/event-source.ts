import type { EventMessage } from './event-sink.ts';
import { type Port, port } from './port.ts';

/** An event as it is delivered. */
export interface ReceivedEvent extends EventMessage {
  /** Grows by at least one from event to event of a partition; `undefined` for brokers without positions. */
  readonly offset: number | undefined;
}

/** Consecutive events of one partition, in order. Never empty. */
export interface EventBatch {
  readonly topic: string;
  readonly partition: number;
  readonly events: readonly ReceivedEvent[];
  /** 1 at the first delivery, 2 at the first redelivery after a failed handler, and so on. */
  readonly attempt: number;
}

/** How a consumer group reads a topic. */
export interface SubscribeOptions {
  /** Each group sees every event; members of a group share the partitions. */
  readonly group: string;
  /** Where a group without committed position begins. Default: 'earliest'. */
  readonly from?: 'earliest' | 'latest';
  /** Ends the subscription: running handlers are awaited, then nothing more is delivered. */
  readonly signal?: AbortSignal;
  /** Most events in one batch. Default: the adapter's. */
  readonly maxBatchEvents?: number;
  /** Deliveries of a batch before its events go to the dead-letter topic. Default: 5. */
  readonly maxAttempts?: number;
}

/** A running consumer. */
export interface Subscription {
  /** Resolves when it has ended; rejects when it ended by a failure that was not asked for. */
  readonly ended: Promise<void>;
  /** Waits for running handlers, commits, and ends. Idempotent. */
  close(): Promise<void>;
}

/** How far a group has come in one partition. */
export interface GroupPosition {
  readonly partition: number;
  /** Offset of the next event that the group will be given; every earlier one is handled. */
  readonly committedOffset: number;
  /**
   * Offset that the next published event will have. From a source with `caughtUp`, whose broker does not tell: offset after the
   * last event that the group has been given.
   */
  readonly endOffset: number;
}

/**
 * Delivers the events of a topic to consumer groups.
 *
 * - At least once: a batch is committed only after its handler has resolved. After a crash it is delivered again,
 *   possibly cut differently. One partition is delivered in order, one batch at a time; partitions may run in parallel.
 * - A handler that rejects gets the batch again after a growing delay, up to `maxAttempts`; then each event is written to
 *   the topic `<topic>.dead-letter` with the headers `milonga-cause`, `milonga-topic`, `milonga-partition`,
 *   `milonga-offset`, `milonga-group`, and the group goes on.
 * - Back-pressure: nothing is read ahead of a running handler beyond one batch a partition.
 * - A partition whose retention dropped events that the group had not seen continues at the first event still there.
 * - After close every call rejects with `MILONGA_CLOSED`.
 */
export interface EventSource {
  subscribe(
    topic: string,
    options: SubscribeOptions,
    handler: (batch: EventBatch) => Promise<void>,
  ): Promise<Subscription>;
  /** One entry per partition. A group that never committed has `committedOffset` at the first event still kept. */
  positions(topic: string, group: string): Promise<readonly GroupPosition[]>;
  /**
   * Resolves when the group has handled every event that was published before the call; while nobody of the group runs, it
   * waits. Only sources have it whose broker does not tell how many events wait; elsewhere compare positions.
   */
  caughtUp?(topic: string, group: string, options?: { readonly signal?: AbortSignal }): Promise<void>;
}
export const EventSource: Port<EventSource> = port<EventSource>('event-source/1');

/** The topic that takes what a group could not handle. */
export const deadLetterTopicOf = (topic: string): string => `${topic}.dead-letter`;
