import { Clock, EventSink, EventSource, Lease, OfflineStore, OnlineStore, systemClock } from '@milonga/core';
import { type Adapter, defineAdapter, provide } from '@milonga/core/app';
import { claimDirectory } from './environment/format-file.ts';
import { LmdbEventSink } from './event-log/lmdb-event-sink.ts';
import { LmdbEventSource } from './event-log/lmdb-event-source.ts';
import { LogHandle } from './event-log/log-handle.ts';
import { LmdbLease } from './lease/lmdb-lease.ts';
import type { LocalOptions } from './local-options.ts';
import { LmdbOfflineStore } from './offline/lmdb-offline-store.ts';
import { LmdbOnlineStore } from './online/lmdb-online-store.ts';

/**
 * Every port on this machine alone: no server, no cloud. Several processes may open one directory.
 *
 * @throws MilongaError `MILONGA_STORAGE_INCOMPATIBLE` when created in a directory of another format.
 * @example
 * ```ts
 * await using app = createApp([local({ dir: '.milonga' })]);
 * const { sink } = await app.resolve({ sink: EventSink });
 * ```
 */
export function local(options: LocalOptions): Adapter {
  const { dir, partitions = 4, retentionMs = 7 * 86_400_000, retryDelayMs = 100, durability = 'process-crash' } = options;
  const openLog = (): Promise<LogHandle> => LogHandle.open(claimed(dir), durability, { partitions, retentionMs });
  return defineAdapter('local', [
    provide(Clock, { create: () => systemClock() }),
    provide(EventSink, {
      create: async () => new LmdbEventSink(await openLog()),
      dispose: (sink) => (sink as LmdbEventSink).close(),
    }),
    provide(EventSource, {
      create: async () => new LmdbEventSource(await openLog(), { retryDelayMs }),
      dispose: (source) => (source as LmdbEventSource).close(),
    }),
    provide(OfflineStore, {
      needs: [Clock],
      create: (clock) => LmdbOfflineStore.open(claimed(dir), clock, durability),
      dispose: (store) => (store as LmdbOfflineStore).close(),
    }),
    provide(OnlineStore, {
      needs: [Clock],
      create: (clock) => LmdbOnlineStore.open(claimed(dir), clock, durability),
      dispose: (store) => (store as LmdbOnlineStore).close(),
    }),
    provide(Lease, { create: () => LmdbLease.open(claimed(dir), durability), dispose: (lease) => (lease as LmdbLease).close() }),
  ]);
}

function claimed(dir: string): string {
  claimDirectory(dir);
  return dir;
}
