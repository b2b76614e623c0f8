import { type EventMessage, type EventSink, METRICS, measure, quarantined } from '@milonga/core';
import type { RecentIds } from './recent-ids.ts';

/** The messages of one call, by topic, without those whose id was taken or is on its way. */
export class CollectedBatch {
  readonly #recent: ReadonlyMap<string, RecentIds>;
  readonly #topics = new Map<string, EventMessage[]>();
  /** Ids that the application gave, by topic. */
  readonly #ids = new Map<string, Set<string>>();
  readonly #duplicates = new Map<string, number>();
  /** Publishes of other calls that some of our ids are part of. */
  readonly #others = new Set<Promise<unknown>>();

  constructor(recent: ReadonlyMap<string, RecentIds>) {
    this.#recent = recent;
  }

  /** Takes a message. One whose id is not new is left out when the id is known already. */
  add(topic: string, message: EventMessage, isNew: boolean): void {
    if (!isNew && this.#isKnown(topic, message.id)) {
      this.#duplicates.set(topic, (this.#duplicates.get(topic) ?? 0) + 1);
      return;
    }
    const messages = this.#topics.get(topic);
    if (messages === undefined) this.#topics.set(topic, [message]);
    else messages.push(message);
  }

  #isKnown(topic: string, id: string): boolean {
    const recent = this.#recent.get(topic);
    const pending = recent?.pending(id);
    if (pending !== undefined) this.#others.add(pending);
    if (recent === undefined || pending !== undefined || recent.has(id)) return true;
    const ids = this.#ids.get(topic) ?? new Set();
    this.#ids.set(topic, ids);
    if (ids.has(id)) return true;
    ids.add(id);
    return false;
  }

  /** Resolves when all of it is durable, with what other calls publish of it; rejects when something is not. */
  async publish(sink: EventSink, options: { readonly signal?: AbortSignal }): Promise<void> {
    const publishing = [...this.#topics].map(([topic, messages]) => {
      const done = publishAll(sink, topic, messages, options);
      const ids = this.#ids.get(topic);
      if (ids !== undefined) this.#recent.get(topic)?.begin([...ids], done);
      return done;
    });
    const settled = await Promise.allSettled([...publishing, ...this.#others]);
    const failure = settled.find((one) => one.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
    this.#measure();
  }

  #measure(): void {
    for (const [topic, messages] of this.#topics) {
      const outcome = topic === quarantined.name ? 'quarantined' : 'accepted';
      measure(METRICS.eventsCollected!, messages.length, { 'event.type': topic, outcome });
    }
    for (const [topic, count] of this.#duplicates)
      measure(METRICS.eventsCollected!, count, { 'event.type': topic, outcome: 'duplicate' });
  }
}

async function publishAll(
  sink: EventSink,
  topic: string,
  messages: readonly EventMessage[],
  options: { readonly signal?: AbortSignal },
): Promise<void> {
  for (const outcome of await sink.publish(topic, messages, options))
    if (outcome.status === 'failed') throw outcome.error;
}
