import {
  ArtifactModelRegistry,
  ArtifactStore,
  Clock,
  EventSink,
  EventSource,
  Lake,
  Lease,
  ModelRegistry,
  OfflineStore,
  OnlineStore,
  systemClock,
} from '@milonga/core';
import { type Adapter, defineAdapter, provide } from '@milonga/core/app';
import { MemoryArtifactStore } from './memory/memory-artifact-store.ts';
import { MemoryEventSink } from './memory/memory-event-sink.ts';
import { MemoryEventSource } from './memory/memory-event-source.ts';
import { MemoryLake } from './memory/memory-lake.ts';
import { MemoryLease } from './memory/memory-lease.ts';
import { MemoryLog } from './memory/memory-log.ts';
import { MemoryOfflineStore } from './memory/memory-offline-store.ts';
import { MemoryOnlineStore } from './memory/memory-online-store.ts';

/** How {@link memory} behaves; every field has a default. */
export interface MemoryOptions {
  /** Partitions of a topic that does not say. Default: 4. */
  readonly partitions?: number;
  /** How long a topic keeps events that does not say. Default: 7 days. */
  readonly retentionMs?: number;
  /** Before the first redelivery of a failed batch; doubles with each. Default: 100. */
  readonly retryDelayMs?: number;
}

/**
 * Every port in the memory of this process, for tests: same contracts as `local()`, nothing on disk, nothing kept.
 *
 * @example
 * ```ts
 * await using app = createApp([memory()]);
 * const { online } = await app.resolve({ online: OnlineStore });
 * ```
 */
export function memory(options: MemoryOptions = {}): Adapter {
  const { partitions = 4, retentionMs = 7 * 86_400_000, retryDelayMs = 100 } = options;
  const log = new MemoryLog({ partitions, retentionMs });
  return defineAdapter('memory', [
    provide(Clock, { create: () => systemClock() }),
    provide(EventSink, {
      create: () => new MemoryEventSink(log),
      dispose: (sink) => (sink as MemoryEventSink).close(),
    }),
    provide(EventSource, {
      create: () => new MemoryEventSource(log, { retryDelayMs }),
      dispose: (source) => (source as MemoryEventSource).close(),
    }),
    provide(OfflineStore, {
      needs: [Clock],
      create: (clock) => new MemoryOfflineStore(clock),
      dispose: (store) => (store as MemoryOfflineStore).close(),
    }),
    provide(OnlineStore, {
      needs: [Clock],
      create: (clock) => new MemoryOnlineStore(clock),
      dispose: (store) => (store as MemoryOnlineStore).close(),
    }),
    provide(Lake, { create: () => MemoryLake.open(), dispose: (lake) => (lake as MemoryLake).close() }),
    provide(ModelRegistry, {
      needs: [ArtifactStore, Clock],
      create: (artifacts, clock) => new ArtifactModelRegistry({ artifacts, clock }),
    }),
    provide(Lease, { create: () => new MemoryLease(), dispose: (lease) => (lease as MemoryLease).close() }),
    provide(ArtifactStore, {
      create: () => new MemoryArtifactStore(),
      dispose: (store) => (store as MemoryArtifactStore).close(),
    }),
  ]);
}
