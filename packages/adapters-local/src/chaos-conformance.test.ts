import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArtifactModelRegistry, type Clock, systemClock } from '@milonga/core';
import { FaultPlan, faultyArtifactStore } from '@milonga/testing/chaos';
import {
  type EventLogEnds,
  testArtifactStore,
  testEventLog,
  testLake,
  testLease,
  testModelRegistry,
  testOfflineStore,
  testOnlineStore,
} from '@milonga/testing/conformance';
import { afterAll } from 'vitest';
import { FileArtifactStore } from './artifacts/file-artifact-store.ts';
import { LmdbEventSink } from './event-log/lmdb-event-sink.ts';
import { LmdbEventSource } from './event-log/lmdb-event-source.ts';
import { LogHandle } from './event-log/log-handle.ts';
import { DuckLake } from './lake/duck-lake.ts';
import { LmdbLease } from './lease/lmdb-lease.ts';
import { LmdbOfflineStore } from './offline/lmdb-offline-store.ts';
import { LmdbOnlineStore } from './online/lmdb-online-store.ts';

/** The suites again, every call through a fault layer: late, twice, in another order, without an answer, by half. */
const dir = mkdtempSync(join(tmpdir(), 'milonga-chaos-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const chaos = { seed: 4 };

testOnlineStore('local under faults', {
  create: (clock) => LmdbOnlineStore.open(dir, clock, 'process-crash'),
  close: (store) => (store as LmdbOnlineStore).close(),
  chaos,
});
testOfflineStore('local under faults', {
  create: (clock) => LmdbOfflineStore.open(dir, clock, 'process-crash'),
  close: (store) => (store as LmdbOfflineStore).close(),
  chaos,
});
const openLog = async (): Promise<EventLogEnds> => {
  const defaults = { partitions: 4, retentionMs: 86_400_000 };
  const sink = new LmdbEventSink(await LogHandle.open(dir, 'process-crash', 'sink', defaults));
  const source = await LogHandle.open(dir, 'process-crash', 'source', defaults);
  return { sink, source: new LmdbEventSource(source, { retryDelayMs: 20 }) };
};
testEventLog('local under faults', {
  create: openLog,
  another: openLog,
  close: async ({ sink, source }) => {
    await (source as LmdbEventSource).close();
    await (sink as LmdbEventSink).close();
  },
  chaos,
});
testArtifactStore('local under faults', {
  create: () => FileArtifactStore.open({ dir, durability: 'process-crash' }),
  close: (store) => (store as FileArtifactStore).close(),
  chaos,
});
testLease('local under faults', {
  create: () => LmdbLease.open(dir, 'process-crash'),
  another: () => LmdbLease.open(dir, 'process-crash'),
  close: (lease) => (lease as LmdbLease).close(),
  chaos,
});

const openLake = (clock: Clock): Promise<DuckLake> =>
  DuckLake.open({ dir: join(dir, 'lake'), clock, durability: 'process-crash' });
testLake('local under faults', {
  create: openLake,
  another: openLake,
  close: (lake) => (lake as DuckLake).close(),
  chaos: { ...chaos, deadlineMs: 20_000 },
});

// A registry is as good as its artifacts: here they are late, and fail before they did anything.
const plan = new FaultPlan({ ...chaos, isRecovering: true });
const openRegistry = async (): Promise<ArtifactModelRegistry> => {
  const files = await FileArtifactStore.open({ dir: join(dir, 'registry'), durability: 'process-crash' });
  return new ArtifactModelRegistry({ artifacts: faultyArtifactStore(files, plan), clock: systemClock(), pollMs: 50 });
};
testModelRegistry('a registry over artifacts under faults', { create: openRegistry, another: openRegistry });
