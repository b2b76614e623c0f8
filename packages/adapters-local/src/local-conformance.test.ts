import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@milonga/core';
import {
  testClockConformance,
  testEventLog,
  testLease,
  testOfflineStore,
  testOnlineStore,
} from '@milonga/testing/conformance';
import { afterAll } from 'vitest';
import type { Durability } from './environment/environment.ts';
import { LmdbEventSink } from './event-log/lmdb-event-sink.ts';
import { LmdbEventSource } from './event-log/lmdb-event-source.ts';
import { LogHandle } from './event-log/log-handle.ts';
import { LmdbLease } from './lease/lmdb-lease.ts';
import { LmdbOfflineStore } from './offline/lmdb-offline-store.ts';
import { LmdbOnlineStore } from './online/lmdb-online-store.ts';

const root = mkdtempSync(join(tmpdir(), 'milonga-conformance-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

testClockConformance('local', { create: () => systemClock() });

for (const durability of ['process-crash', 'power-loss'] satisfies readonly Durability[]) {
  const dir = join(root, durability);
  const openLog = async () => {
    const defaults = { partitions: 4, retentionMs: 86_400_000 };
    const sink = new LmdbEventSink(await LogHandle.open(dir, durability, 'sink', defaults));
    const source = await LogHandle.open(dir, durability, 'source', defaults);
    return { sink, source: new LmdbEventSource(source, { retryDelayMs: 20 }) };
  };
  testOnlineStore(`local (${durability})`, {
    create: (clock) => LmdbOnlineStore.open(dir, clock, durability),
    close: (store) => (store as LmdbOnlineStore).close(),
  });
  testOfflineStore(`local (${durability})`, {
    create: (clock) => LmdbOfflineStore.open(dir, clock, durability),
    close: (store) => (store as LmdbOfflineStore).close(),
  });
  testEventLog(`local (${durability})`, {
    create: openLog,
    another: openLog,
    close: async ({ sink, source }) => {
      await (source as LmdbEventSource).close();
      await (sink as LmdbEventSink).close();
    },
    retention: { retentionMs: 300, withinMs: 5_000 },
  });
  testLease(`local (${durability})`, {
    create: () => LmdbLease.open(dir, durability),
    another: () => LmdbLease.open(dir, durability),
    close: (lease) => (lease as LmdbLease).close(),
  });
}
