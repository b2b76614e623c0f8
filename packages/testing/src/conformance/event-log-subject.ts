import type {
  EventBatch,
  EventMessage,
  EventSink,
  EventSource,
  ReceivedEvent,
  SubscribeOptions,
  Subscription,
} from '@milonga/core';
import { expect } from 'vitest';
import { bytes, eventually, fresh, text } from './expectations.ts';
import type { ChaosOptions } from './fault-run.ts';

/** Both ends of one event log. */
export interface EventLogEnds {
  readonly sink: EventSink;
  readonly source: EventSource;
}

/** What {@link testEventLog} needs to know of an implementation. */
export interface EventLogConformance {
  readonly create: () => EventLogEnds | Promise<EventLogEnds>;
  /** Other ends of the same log, as a second process has them. Default: the first ones again. */
  readonly another?: () => EventLogEnds | Promise<EventLogEnds>;
  readonly close: (ends: EventLogEnds) => void | Promise<void>;
  /** Runs the checks through a fault layer, and a history under faults besides. Default: no faults. */
  readonly chaos?: ChaosOptions;
  /** False for brokers without positions, whose events have no `offset`. Default: true. */
  readonly hasPositions?: boolean;
  /** False for brokers that cannot tell how many events wait; their source has `caughtUp` instead. Default: true. */
  readonly knowsEnd?: boolean;
  /** Shortest retention that the implementation keeps to, and how late it may be. Default: not checked. */
  readonly retention?: { readonly retentionMs: number; readonly withinMs: number };
  /** How long something that should come may take: redeliveries, takeovers. Default: 10,000. */
  readonly withinMs?: number;
  /** How long to look on before believing that nothing more comes. Default: 150. */
  readonly quietMs?: number;
}

/** What the parts of the suite share. */
export interface EventLogSubject {
  readonly ends: () => EventLogEnds;
  readonly other: () => EventLogEnds;
  readonly options: EventLogConformance;
  readonly hasPositions: boolean;
  readonly withinMs: number;
  readonly quietMs: number;
  /** A new topic. */
  topic(partitions?: number): Promise<string>;
  /** Subscriptions made here are closed after the test. */
  subscribe(
    topic: string,
    options: SubscribeOptions,
    handler: (batch: EventBatch) => Promise<void>,
    at?: EventLogEnds,
  ): Promise<Subscription>;
  /** A group that only writes down what it gets. */
  collect(topic: string, options?: Partial<SubscribeOptions>, at?: EventLogEnds): Promise<Collected>;
}

/** What a collecting group has got so far. */
export interface Collected {
  readonly events: ReceivedEvent[];
  readonly batches: EventBatch[];
  readonly subscription: Subscription;
  ids(): readonly string[];
  /** Waits until at least so many events have come. */
  reach(count: number): Promise<void>;
}

export const message = (id: string, key: string = id, value: string = id): EventMessage => ({
  id,
  key,
  eventAt: 1_000,
  ingestedAt: 2_000,
  value: bytes(value),
});
export const messages = (prefix: string, count: number, keys: number): readonly EventMessage[] =>
  Array.from({ length: count }, (_, i) => message(`${prefix}${i}`, `key-${i % keys}`));

/** A handler that waits to be told. */
export function gate(): { readonly wait: () => Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { wait: () => promise, open: resolve };
}

export function subjectOf(
  options: EventLogConformance,
  ends: () => EventLogEnds,
  other: () => EventLogEnds,
  running: Set<Subscription>,
): EventLogSubject {
  const withinMs = options.withinMs ?? 10_000;
  const subject: EventLogSubject = {
    ends,
    other,
    options,
    withinMs,
    hasPositions: options.hasPositions ?? true,
    quietMs: options.quietMs ?? 150,
    async topic(partitions = 3) {
      const name = fresh('topic');
      await ends().sink.ensureTopics([{ name, partitions }]);
      return name;
    },
    async subscribe(topic, subscribeOptions, handler, at = ends()) {
      const subscription = await at.source.subscribe(topic, subscribeOptions, handler);
      running.add(subscription);
      return subscription;
    },
    async collect(topic, collectOptions, at) {
      const events: ReceivedEvent[] = [];
      const batches: EventBatch[] = [];
      const subscription = await subject.subscribe(
        topic,
        { group: fresh('group'), ...collectOptions },
        async (batch) => {
          batches.push(batch);
          events.push(...batch.events);
        },
        at,
      );
      return {
        events,
        batches,
        subscription,
        ids: () => events.map(({ id }) => id),
        reach: (count) => eventually(() => expect(events.length).toBeGreaterThanOrEqual(count), withinMs),
      };
    },
  };
  return subject;
}

/** Ids in the order in which they came, for each key. */
export function idsByKey(events: readonly EventMessage[]): ReadonlyMap<string, readonly string[]> {
  const ids = new Map<string, string[]>();
  for (const { key, id } of events) ids.set(key, [...(ids.get(key) ?? []), id]);
  return ids;
}

/** An event as plain text, for comparing. */
export const shown = ({ id, key, eventAt, ingestedAt, value, headers }: EventMessage): unknown => ({
  id,
  key,
  eventAt,
  ingestedAt,
  value: text(value),
  headers: headers ?? {},
});
