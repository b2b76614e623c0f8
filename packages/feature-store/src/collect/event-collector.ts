import {
  type Clock,
  type CollectOutcome,
  type Collector,
  type EventSink,
  type IncomingEvent,
  quarantined,
  type Recommender,
  SPANS,
  throwIfAborted,
  tracer,
} from '@milonga/core';
import { EventCheck } from './check-event.ts';
import { CollectedBatch } from './collected-batch.ts';
import { quarantineMessage } from './quarantine.ts';
import { RecentIds } from './recent-ids.ts';

/** What limits a collector. */
export interface CollectorOptions {
  /** Larger events, as they are stored, go to the quarantine. Default: 256 KiB. */
  readonly maxEventBytes?: number;
  /** How many ids of each type this process remembers at least, to recognise an event that is handed in again. Default: 100,000. */
  readonly rememberedIds?: number;
}

type Cancellable = { readonly signal?: AbortSignal };

/**
 * The border for events. What is bad goes to the quarantine with its reason; the rest is published, a batch a topic.
 *
 * An event without id gets a UUID of version 7. An event whose id was taken lately, or is on its way, is not published again
 * and has the outcome of the first.
 */
export class EventCollector implements Collector {
  readonly #sink: EventSink;
  readonly #clock: Clock;
  readonly #check: EventCheck;
  readonly #recent: ReadonlyMap<string, RecentIds>;

  constructor(
    recommender: Pick<Recommender, 'events' | 'views'>,
    sink: EventSink,
    clock: Clock,
    options: CollectorOptions = {},
  ) {
    const { maxEventBytes = 256 * 1_024, rememberedIds = 100_000 } = options;
    this.#sink = sink;
    this.#clock = clock;
    this.#check = new EventCheck(recommender.events, recommender.views, maxEventBytes);
    this.#recent = new Map(recommender.events.map(({ name }) => [name, new RecentIds(rememberedIds)]));
  }

  async collect(events: readonly IncomingEvent[], options: Cancellable = {}): Promise<readonly CollectOutcome[]> {
    throwIfAborted(options.signal, 'Collecting events');
    if (events.length === 0) return [];
    return tracer().startActiveSpan(SPANS.collect, { attributes: { events: events.length } }, async (span) => {
      try {
        return await this.#collect(events, options);
      } finally {
        span.end();
      }
    });
  }

  async #collect(events: readonly unknown[], options: Cancellable): Promise<readonly CollectOutcome[]> {
    const now = this.#clock.now();
    const batch = new CollectedBatch(this.#recent);
    const outcomes = events.map((event): CollectOutcome => {
      const checked = this.#check.check(event, now);
      if (checked.reason === undefined) {
        batch.add(checked.event.name, checked.message, checked.isNew);
        return { status: 'accepted', id: checked.message.id };
      }
      batch.add(quarantined.name, quarantineMessage({ ...checked, receivedAt: now }), true);
      return { status: 'quarantined', id: checked.id, reason: checked.reason };
    });
    await batch.publish(this.#sink, options);
    return outcomes;
  }
}
