import { randomUUID } from 'node:crypto';
import {
  deadLetterTopicOf,
  type EventBatch,
  type EventMessage,
  type EventSource,
  type GroupPosition,
  METRICS,
  MilongaError,
  measure,
  type OfflineStore,
  SPANS,
  type SubscribeOptions,
  type Subscription,
  throwIfAborted,
  tracer,
} from '@milonga/core';
import { pauseFor } from '../../grpc/backoff.ts';
import { aborted, closed, portError } from '../../grpc/failures.ts';
import type { PubSubConnection } from '../client/pubsub-connection.ts';
import { GroupSubscription } from './group-subscription.ts';
import { Leases } from './leases.ts';
import { Ledger } from './ledger.ts';
import { FAMILY, type LedgerState, ledgerKey, NOTHING, readState } from './ledger-cells.ts';
import { encodeMarker } from './marker.ts';
import { type DeadEvents, PartitionWorker, type WorkerOptions } from './partition-worker.ts';
import type { PubSubEventSink } from './pubsub-event-sink.ts';
import { ensureSubscription, type SubscriptionsOptions } from './subscriptions.ts';
import type { KnownTopic, Topics } from './topics.ts';

/** How a {@link PubSubEventSource} works. */
export interface PubSubEventSourceOptions extends SubscriptionsOptions {
  readonly retryDelayMs: number;
  readonly positionsTable: string;
  readonly rememberedIds: number;
  readonly abandonAfterMs: number;
  /** Is told of what needs a person's eye. */
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void;
}

/** What an event source is made of. */
export interface PubSubEventSourceParts {
  readonly connection: PubSubConnection;
  readonly topics: Topics;
  /** For dead letters and markers; it is closed with the source, and the connection with it. */
  readonly sink: PubSubEventSink;
  readonly store: OfflineStore;
}

const UNAVAILABLE = 'MILONGA_EVENT_SOURCE_UNAVAILABLE';
/** Pub/Sub gives at most so many in one pull. */
const MOST_EVENTS = 1_000;
const LONGEST_POLL_MS = 200;

/** Consumer groups over ordered subscriptions, with positions from a ledger in the offline store. */
export class PubSubEventSource implements EventSource {
  readonly #parts: PubSubEventSourceParts;
  readonly #options: PubSubEventSourceOptions;
  readonly #members = new Set<GroupSubscription>();
  #tables: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: PubSubEventSourceParts, options: PubSubEventSourceOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  async subscribe(
    name: string,
    options: SubscribeOptions,
    handler: (batch: EventBatch) => Promise<void>,
  ): Promise<Subscription> {
    this.#begin('subscribe', options.signal);
    const { connection } = this.#parts;
    try {
      await this.#ensureTable();
      const topic = await this.#parts.topics.ensure({ name });
      const { group, from = 'earliest' } = options;
      const subscription = await ensureSubscription(connection, topic, group, from, this.#options);
      this.#begin('subscribe', options.signal);
      return this.#join(topic, subscription, options, handler);
    } catch (error) {
      throw portError(UNAVAILABLE, `Subscribing to "${name}"`, error);
    }
  }

  #join(
    topic: KnownTopic,
    subscription: { readonly path: string; readonly startAt: number },
    { group, signal, maxAttempts = 5, maxBatchEvents = MOST_EVENTS }: SubscribeOptions,
    handler: (batch: EventBatch) => Promise<void>,
  ): GroupSubscription {
    const { connection } = this.#parts;
    const { abandonAfterMs, ackDeadlineMs, retryDelayMs } = this.#options;
    const stop = new AbortController();
    const leases = new Leases(connection, subscription.path, ackDeadlineMs);
    const limits = { maxBatchEvents: Math.min(maxBatchEvents, MOST_EVENTS), maxAttempts, retryDelayMs };
    const member = new GroupSubscription({
      connection,
      subscription,
      group,
      partitions: topic.partitions,
      maxBatchEvents: limits.maxBatchEvents,
      abandonAfterMs,
      leases,
      stop,
      signal,
      left: (one) => this.#members.delete(one),
      workerOf: (partition) =>
        new PartitionWorker({
          ...this.#reports(topic.name, group, partition),
          ...limits,
          topic: topic.name,
          partition,
          leases,
          stopping: stop.signal,
          ledger: this.#ledger(topic.name, group, partition),
          handler: (batch) => traced(batch, group, handler),
          bury: (dead) => this.#bury(topic.name, group, dead),
        }),
    });
    this.#members.add(member);
    return member;
  }

  #reports(topic: string, group: string, partition: number): Pick<WorkerOptions, 'measured' | 'troubled'> {
    return {
      measured: (events, outcome) => measure(METRICS.eventsHandled, events, { topic, group, outcome }),
      troubled: (what, error) => this.#options.warn(what, { topic, group, partition, error }),
    };
  }

  #ledger(topic: string, group: string, partition: number): Ledger {
    const { positionsTable: table, rememberedIds, abandonAfterMs, warn } = this.#options;
    const abandoned = (from: number, to: number): void =>
      warn('Events that were given out never came again and are given up', { topic, group, partition, from, to });
    const key = ledgerKey(topic, group, partition);
    return new Ledger(key, { store: this.#parts.store, table, rememberedIds, abandonAfterMs, abandoned });
  }

  async #bury(topic: string, group: string, { partition, events, cause }: DeadEvents): Promise<void> {
    const letters = events.map((event): EventMessage => {
      const headers = {
        ...event.headers,
        'milonga-cause': cause,
        'milonga-topic': topic,
        'milonga-partition': String(partition),
        'milonga-offset': String(event.offset),
        'milonga-group': group,
      };
      return { ...event, headers };
    });
    for (const outcome of await this.#parts.sink.publish(deadLetterTopicOf(topic), letters)) {
      if (outcome.status === 'failed') throw outcome.error;
    }
  }

  async positions(name: string, group: string): Promise<readonly GroupPosition[]> {
    this.#begin('positions', undefined);
    try {
      const topic = await this.#parts.topics.find(name);
      const states = topic === undefined ? [] : await this.#states(topic, group);
      return states.map(({ committed, next }, partition) => ({
        partition,
        committedOffset: committed,
        endOffset: next,
      }));
    } catch (error) {
      throw portError(UNAVAILABLE, `Reading positions of "${group}" in "${name}"`, error);
    }
  }

  async caughtUp(name: string, group: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#begin('caughtUp', signal);
    try {
      const topic = await this.#parts.topics.ensure({ name });
      await ensureSubscription(this.#parts.connection, topic, group, 'earliest', this.#options);
      const marker = { id: randomUUID(), group };
      const markers = Array.from({ length: topic.partitions }, (_, partition) => encodeMarker(marker, partition));
      await this.#parts.sink.publishMessages(topic, markers);
      for (let pollMs = 10; ; pollMs = Math.min(pollMs * 1.5, LONGEST_POLL_MS)) {
        if ((await this.#states(topic, group)).every(({ markers }) => markers.includes(marker.id))) return;
        await pauseFor(pollMs, signal);
        if (signal?.aborted) throw aborted('caughtUp', signal);
        this.#begin('caughtUp', signal);
      }
    } catch (error) {
      throw portError(UNAVAILABLE, `Waiting for "${group}" in "${name}"`, error);
    }
  }

  async #states({ name, partitions }: KnownTopic, group: string): Promise<readonly LedgerState[]> {
    await this.#ensureTable();
    const keys = Array.from({ length: partitions }, (_, partition) => ledgerKey(name, group, partition));
    const rows = await this.#parts.store.readRows(this.#options.positionsTable, keys, { families: [FAMILY.state] });
    return rows.map((row) => (row?.cells[0] === undefined ? NOTHING : readState(row.cells[0].value)));
  }

  #ensureTable(): Promise<void> {
    const reason = 'positions of groups and their latest ids; a row a partition, of bounded size';
    const table = {
      name: this.#options.positionsTable,
      families: { [FAMILY.state]: { reason }, [FAMILY.ids]: { reason } },
    };
    this.#tables ??= this.#parts.store.ensureTables([table]).catch((error: unknown) => {
      this.#tables = undefined;
      throw error;
    });
    return this.#tables;
  }

  /** Ends every subscription of this source. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= Promise.all([...this.#members].map((member) => member.close())).then(() =>
      this.#parts.sink.close(),
    );
    return this.#closing;
  }

  #begin(what: string, signal: AbortSignal | undefined): void {
    if (this.#closing !== undefined) throw closed('event source');
    throwIfAborted(signal, what);
  }
}

const traced = (batch: EventBatch, group: string, handler: (batch: EventBatch) => Promise<void>): Promise<void> =>
  tracer().startActiveSpan(SPANS.eventsHandle, { attributes: { topic: batch.topic, group } }, async (span) => {
    try {
      await handler(batch);
    } catch (error) {
      span.recordException(error instanceof Error ? error : new MilongaError('MILONGA_INTERNAL', String(error)));
      throw error;
    } finally {
      span.end();
    }
  });
