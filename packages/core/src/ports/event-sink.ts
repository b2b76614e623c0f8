import { type Port, port } from './port.ts';

/** One event as brokers see it: bytes with a key and an id. */
export interface EventMessage {
  /** Unique per topic. A sink may use it to drop duplicates of a retried publish; consumers may see an id twice. */
  readonly id: string;
  /** Events of one key keep their order. */
  readonly key: string;
  /** When it happened, Unix ms. */
  readonly eventAt: number;
  /** When it was accepted at the border, Unix ms: what "known at" means in training sets. */
  readonly ingestedAt: number;
  readonly value: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What became of one event of a `publish`: one for each, in order. */
export type PublishOutcome =
  /** Durable. */
  | { readonly status: 'acknowledged' }
  /** Not stored, as far as the sink knows; with `isRetryable`, the same event may be published again. */
  | { readonly status: 'failed'; readonly error: Error; readonly isRetryable: boolean };

/** A topic and how it is kept. */
export interface TopicDefinition {
  readonly name: string;
  /** Events of one key always go to one partition. Default: the adapter's. Growing it later reorders keys. */
  readonly partitions?: number;
  /** How long events are kept, by publish time. Default: the adapter's. */
  readonly retentionMs?: number;
}

/**
 * Takes events into a log.
 *
 * - `publish` returns one outcome per event, in order. `acknowledged` means durable: a `kill -9` of every Milonga
 *   process right after loses nothing. An empty batch resolves to an empty array.
 * - Events of one key are stored in the order of the calls and, within a call, of the array.
 * - Partial failure is in the outcomes, never a throw. A throw (`MILONGA_EVENT_SINK_UNAVAILABLE`,
 *   `MILONGA_STORAGE_FULL`) means that nothing of the batch was acknowledged.
 * - Retrying an event with the same id is safe: consumers deduplicate by position or id.
 * - Cancelling by `signal` rejects with `MILONGA_ABORTED`; events may have been stored by then.
 * - After close every call rejects with `MILONGA_CLOSED`.
 */
export interface EventSink {
  /** Creates what is missing; an existing topic keeps its partitions. Idempotent. */
  ensureTopics(topics: readonly TopicDefinition[]): Promise<void>;
  publish(
    topic: string,
    events: readonly EventMessage[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly PublishOutcome[]>;
}
export const EventSink: Port<EventSink> = port<EventSink>('event-sink/1');
