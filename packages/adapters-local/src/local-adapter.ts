import { join } from 'node:path';
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
import { FileArtifactStore } from './artifacts/file-artifact-store.ts';
import { claimDirectory } from './environment/format-file.ts';
import { LmdbEventSink } from './event-log/lmdb-event-sink.ts';
import { LmdbEventSource } from './event-log/lmdb-event-source.ts';
import { LogHandle } from './event-log/log-handle.ts';
import { DuckLake } from './lake/duck-lake.ts';
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
  const {
    dir,
    partitions = 4,
    retentionMs = 7 * 86_400_000,
    retryDelayMs = 100,
    durability = 'process-crash',
    lake = {},
  } = options;
  const openLog = (end: 'sink' | 'source'): Promise<LogHandle> =>
    LogHandle.open(claimed(dir), durability, end, { partitions, retentionMs });
  return defineAdapter('local', [
    provide(Clock, { create: () => systemClock() }),
    provide(EventSink, {
      create: async () => new LmdbEventSink(await openLog('sink')),
      dispose: (sink) => (sink as LmdbEventSink).close(),
    }),
    provide(EventSource, {
      create: async () => new LmdbEventSource(await openLog('source'), { retryDelayMs }),
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
    provide(Lake, {
      needs: [Clock],
      create: (clock) => DuckLake.open({ dir: join(claimed(dir), 'lake'), clock, durability, ...lake }),
      dispose: (opened) => (opened as DuckLake).close(),
    }),
    provide(ArtifactStore, {
      create: () => FileArtifactStore.open({ dir: join(claimed(dir), 'artifacts'), durability }),
      dispose: (artifacts) => (artifacts as FileArtifactStore).close(),
    }),
    provide(ModelRegistry, {
      needs: [ArtifactStore, Clock],
      create: (artifacts, clock) => new ArtifactModelRegistry({ artifacts, clock }),
    }),
    provide(Lease, {
      create: () => LmdbLease.open(claimed(dir), durability),
      dispose: (lease) => (lease as LmdbLease).close(),
    }),
  ]);
}

function claimed(dir: string): string {
  claimDirectory(dir);
  return dir;
}
