import {
  type EventMessage,
  type EventSink,
  type PublishOutcome,
  type TopicDefinition,
  throwIfAborted,
} from '@milonga/core';
import { closed } from '../environment/storage-errors.ts';
import { WriteQueue } from '../environment/write-queue.ts';
import type { LogHandle } from './log-handle.ts';

const ACKNOWLEDGED: PublishOutcome = Object.freeze({ status: 'acknowledged' });
const WHAT = 'event sink';

/**
 * Publishes into the partitioned log. Events of one call that lie in one partition are stored as one value, so that a
 * batch costs little more than its bytes. It drops no duplicates: consumers tell them by position or id.
 */
export class LmdbEventSink implements EventSink {
  readonly #handle: LogHandle;
  /** First come, first served: events of one key must lie in the order of the calls. */
  readonly #queue: WriteQueue;

  constructor(handle: LogHandle) {
    this.#handle = handle;
    const { environment } = handle;
    this.#queue = environment.shared('queue', () => new WriteQueue(environment, 'first-come'));
  }

  async ensureTopics(topics: readonly TopicDefinition[]): Promise<void> {
    this.#begin(undefined);
    for (const topic of topics) await this.#handle.topics.ensure(topic);
  }

  async publish(
    topicName: string,
    events: readonly EventMessage[],
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly PublishOutcome[]> {
    this.#begin(options.signal);
    if (events.length === 0) return [];
    const { topics, log, signal } = this.#handle;
    const topic = topics.find(topicName) ?? (await topics.findOrCreate(topicName));
    const outcomes: PublishOutcome[] = new Array(events.length).fill(ACKNOWLEDGED);
    let next = 0;
    await this.#queue.run(
      'publish',
      (isTimeUp) => {
        next = log.appendNow(topic, events, next, isTimeUp, (at, error) => {
          outcomes[at] = { status: 'failed', error, isRetryable: false };
        });
        return next === events.length;
      },
      options.signal,
    );
    signal.published(topic.id);
    return outcomes;
  }

  /** Waits for what is being published. Idempotent. */
  close(): Promise<void> {
    return this.#handle.close(this.#queue.drained());
  }

  #begin(signal: AbortSignal | undefined): void {
    if (!this.#handle.isOpen) throw closed(WHAT);
    throwIfAborted(signal, 'publish');
  }
}
