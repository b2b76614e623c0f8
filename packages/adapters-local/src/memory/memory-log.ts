import { type EventMessage, MilongaError, type ReceivedEvent, type TopicDefinition } from '@milonga/core';
import { partitionOf } from '../event-log/partition-of.ts';

/** A partition in memory: its events, the first of which has the offset `first`. */
export interface MemoryPartition {
  first: number;
  readonly events: ReceivedEvent[];
  readonly publishedAt: number[];
}

/** A topic in memory. */
export interface MemoryTopic {
  readonly name: string;
  readonly partitions: readonly MemoryPartition[];
  retentionMs: number;
}

/** What the sink and the source of one memory adapter share. */
export class MemoryLog {
  readonly topics: Map<string, MemoryTopic> = new Map();
  /** Committed position by `topic`, `group` and partition. */
  readonly positions: Map<string, number> = new Map();
  /** Called after every publish, and when a group changes. */
  readonly listeners: Set<() => void> = new Set();
  readonly #defaults: { readonly partitions: number; readonly retentionMs: number };

  constructor(defaults: { readonly partitions: number; readonly retentionMs: number }) {
    this.#defaults = defaults;
  }

  ensure({ name, partitions = this.#defaults.partitions, retentionMs }: TopicDefinition): MemoryTopic {
    if (name === '' || !Number.isInteger(partitions) || partitions < 1) {
      throw new MilongaError(
        'MILONGA_DEFINITION_INVALID',
        `A topic needs a name and 1 or more partitions; found "${name}" and ${partitions}.`,
      );
    }
    let topic = this.topics.get(name);
    if (topic === undefined) {
      const empty = (): MemoryPartition => ({ first: 0, events: [], publishedAt: [] });
      topic = { name, partitions: Array.from({ length: partitions }, empty), retentionMs: this.#defaults.retentionMs };
      this.topics.set(name, topic);
    }
    topic.retentionMs = retentionMs ?? topic.retentionMs;
    return topic;
  }

  append(topic: MemoryTopic, event: EventMessage): void {
    const partition = topic.partitions[partitionOf(event.key, topic.partitions.length)]!;
    const { id, key, eventAt, ingestedAt, headers } = event;
    partition.events.push({
      id,
      key,
      eventAt,
      ingestedAt,
      value: event.value.slice(),
      offset: endOf(partition),
      ...(headers && { headers: { ...headers } }),
    });
    partition.publishedAt.push(Date.now());
    this.expire(topic, partition);
  }

  expire(topic: MemoryTopic, partition: MemoryPartition): void {
    const before = Date.now() - topic.retentionMs;
    let old = 0;
    while (old < partition.events.length && partition.publishedAt[old]! < before) old += 1;
    if (old === 0) return;
    partition.events.splice(0, old);
    partition.publishedAt.splice(0, old);
    partition.first += old;
  }

  changed(): void {
    for (const listener of [...this.listeners]) listener();
  }
}

export const endOf = (partition: MemoryPartition): number => partition.first + partition.events.length;
