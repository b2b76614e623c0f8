import {
  type EventMessage,
  type EventSink,
  MilongaError,
  type PublishOutcome,
  type TopicDefinition,
  throwIfAborted,
} from '@milonga/core';
import { closed } from '../environment/storage-errors.ts';
import type { MemoryLog } from './memory-log.ts';

/** Publishes into arrays. For tests: nothing outlives the process. */
export class MemoryEventSink implements EventSink {
  readonly #log: MemoryLog;
  #isOpen = true;

  constructor(log: MemoryLog) {
    this.#log = log;
  }

  async ensureTopics(topics: readonly TopicDefinition[]): Promise<void> {
    this.#checkOpen();
    for (const topic of topics) this.#log.ensure(topic);
  }

  async publish(
    topicName: string,
    events: readonly EventMessage[],
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly PublishOutcome[]> {
    this.#checkOpen();
    throwIfAborted(options.signal, 'publish');
    const topic = this.#log.topics.get(topicName) ?? this.#log.ensure({ name: topicName });
    const outcomes = events.map((event): PublishOutcome => {
      if (!(event.value instanceof Uint8Array)) {
        const error = new MilongaError(
          'MILONGA_SCHEMA_INVALID',
          `An event cannot be stored: \`value\` must be a Uint8Array; found ${typeof event.value}.`,
        );
        return { status: 'failed', error, isRetryable: false };
      }
      this.#log.append(topic, event);
      return { status: 'acknowledged' };
    });
    this.#log.changed();
    return outcomes;
  }

  close(): void {
    this.#isOpen = false;
  }

  #checkOpen(): void {
    if (!this.#isOpen) throw closed('event sink');
  }
}
