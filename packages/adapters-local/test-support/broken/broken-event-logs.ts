import type { EventBatch, EventMessage, EventSink, EventSource } from '@milonga/core';
import { later, tick } from './broken.ts';

/** Both ends, as the suite creates them. */
export interface ClosingEnds {
  readonly sink: EventSink & { close(): void };
  readonly source: EventSource & { close(): Promise<void> };
}

type SinkChange = (sink: ClosingEnds['sink']) => Partial<ClosingEnds['sink']>;
type SourceChange = (source: ClosingEnds['source']) => Partial<ClosingEnds['source']>;
type Handler = (batch: EventBatch) => Promise<void>;

/** A defect of one end. */
export interface LogMutation {
  readonly name: string;
  readonly sink?: SinkChange;
  readonly source?: SourceChange;
}

const publishing =
  (change: (events: readonly EventMessage[]) => readonly EventMessage[]): SinkChange =>
  (sink) => ({
    publish: async (topic, events, options) => {
      const outcomes = await sink.publish(topic, change(events), options);
      return events.map((_, i) => outcomes[i] ?? { status: 'acknowledged' });
    },
  });
const handling =
  (change: (handler: Handler, maxAttempts: number) => Handler): SourceChange =>
  (source) => ({
    subscribe: (topic, options, handler) => source.subscribe(topic, options, change(handler, options.maxAttempts ?? 5)),
  });

/** Defects of the sink. */
const sinks: readonly LogMutation[] = [
  {
    name: 'lost event: the last one of a large batch',
    sink: publishing((events) => (events.length < 1_000 ? events : events.slice(0, -1))),
  },
  { name: 'swapped order within a batch', sink: publishing((events) => [...events].reverse()) },
  {
    name: 'swapped order of two calls',
    sink: (sink) => {
      let call = 0;
      return {
        publish: async (topic, events, options) => {
          call += 1;
          if (call % 2 === 0) await later(3);
          return sink.publish(topic, events, options);
        },
      };
    },
  },
  { name: 'headers are lost', sink: publishing((events) => events.map(({ headers: _, ...event }) => event)) },
  {
    name: 'times are cut to whole milliseconds',
    sink: publishing((events) => events.map((event) => ({ ...event, eventAt: Math.trunc(event.eventAt) }))),
  },
  {
    name: 'an event is stored twice',
    sink: publishing((events) => events.flatMap((event, i) => (i === 2 ? [event, event] : [event]))),
  },
  {
    name: 'the key does not decide the partition',
    sink: publishing((events) => events.map((event, i) => ({ ...event, key: `${event.key}${i % 2 ? '/odd' : ''}` }))),
    source: handling((handler) => (batch) => {
      const events = batch.events.map((event) => ({ ...event, key: event.key.replace('/odd', '') }));
      return handler({ ...batch, events });
    }),
  },
  {
    name: 'acknowledged before it is stored, and not stored when nobody waits',
    sink: (sink) => ({
      publish: async (topic, events, options) => {
        await sink.publish(topic, [], options);
        void later(3).then(() => sink.publish(topic, events.slice(0, 10_000)).catch(() => {}));
        return events.map(() => ({ status: 'acknowledged' }));
      },
    }),
  },
  { name: 'ignored abort', sink: (sink) => ({ publish: (topic, events) => sink.publish(topic, events) }) },
  { name: 'the sink works after close', sink: () => ({ close: () => {} }) },
];

/** Defects of the source. */
const sources: readonly LogMutation[] = [
  {
    name: 'at most once: a batch is committed though its handler failed',
    source: handling((handler) => (batch) => handler(batch).catch(() => {})),
  },
  {
    name: 'duplicate delivery without redelivery mark',
    source: handling((handler) => (batch) => handler({ ...batch, attempt: 1 })),
  },
  {
    name: 'every batch is delivered twice',
    source: handling((handler) => async (batch) => {
      await handler(batch);
      await handler(batch);
    }),
  },
  {
    name: 'lost dead letter: the last failure is forgotten',
    source: handling(
      (handler, most) => (batch) => (batch.attempt < most ? handler(batch) : handler(batch).catch(() => {})),
    ),
  },
  {
    name: 'dead letters do not say why',
    source: handling((handler) => (batch) => handler(batch).catch(() => Promise.reject(new Error('failed')))),
  },
  {
    name: 'no back-pressure: the next batch does not wait for the handler',
    source: handling((handler) => async (batch) => void handler(batch).catch(() => {})),
  },
  {
    name: 'retries come at once, without delay',
    source: handling((handler, most) => async (batch) => {
      for (let attempt = 1; attempt < most; attempt += 1) {
        try {
          return await handler({ ...batch, attempt });
        } catch {
          await tick();
        }
      }
      return handler({ ...batch, attempt: most });
    }),
  },
  {
    name: 'a consumer from the end gets what was there',
    source: (source) => ({
      subscribe: (topic, { from: _, ...options }, handler) => source.subscribe(topic, options, handler),
    }),
  },
  {
    name: 'batches larger than asked for',
    source: (source) => ({
      subscribe: (topic, { maxBatchEvents: _, ...options }, handler) => source.subscribe(topic, options, handler),
    }),
  },
  {
    name: 'members of a group do not share',
    source: (source) => {
      let member = 0;
      return {
        subscribe: (topic, options, handler) => {
          member += 1;
          return source.subscribe(topic, { ...options, group: `${options.group}-${member}` }, handler);
        },
      };
    },
  },
  {
    name: 'a position that is ahead of what is handled',
    source: (source) => ({
      positions: async (topic, group) =>
        (await source.positions(topic, group)).map((one) => ({ ...one, committedOffset: one.endOffset })),
    }),
  },
  {
    name: 'close does not wait for the handler',
    source: (source) => ({
      subscribe: async (topic, options, handler) => {
        const subscription = await source.subscribe(topic, options, handler);
        return { ended: subscription.ended, close: async () => void subscription.close() };
      },
    }),
  },
  { name: 'the source works after close', source: () => ({ close: async () => {} }) },
];

export const brokenEventLogs: readonly LogMutation[] = [...sinks, ...sources];
