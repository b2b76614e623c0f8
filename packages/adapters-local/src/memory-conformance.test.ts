import { testEventLog, testLease, testOfflineStore, testOnlineStore } from '@milonga/testing/conformance';
import { LaggingReplica } from '../test-support/broken/lagging-replica.ts';
import { MemoryEventSink } from './memory/memory-event-sink.ts';
import { MemoryEventSource } from './memory/memory-event-source.ts';
import { MemoryLease } from './memory/memory-lease.ts';
import { MemoryLog } from './memory/memory-log.ts';
import { MemoryOfflineStore } from './memory/memory-offline-store.ts';
import { MemoryOnlineStore } from './memory/memory-online-store.ts';

testOnlineStore('memory', {
  create: (clock) => new MemoryOnlineStore(clock),
  close: (store) => (store as MemoryOnlineStore).close(),
});

for (const chaos of [undefined, { seed: 2, rounds: 20 }]) {
  testOnlineStore(chaos ? 'a replica that lags, under faults' : 'a replica that lags', {
    create: (clock) => new LaggingReplica(clock, 2),
    close: (store) => (store as LaggingReplica).close(),
    consistency: { eventualWithinMs: 20 },
    ...(chaos && { chaos }),
  });
}

testOfflineStore('memory', {
  create: (clock) => new MemoryOfflineStore(clock),
  close: (store) => (store as MemoryOfflineStore).close(),
});

testEventLog('memory', {
  create: () => {
    const log = new MemoryLog({ partitions: 4, retentionMs: 86_400_000 });
    return { sink: new MemoryEventSink(log), source: new MemoryEventSource(log, { retryDelayMs: 20 }) };
  },
  close: async ({ sink, source }) => {
    (sink as MemoryEventSink).close();
    await (source as MemoryEventSource).close();
  },
  retention: { retentionMs: 300, withinMs: 1_000 },
});

testLease('memory', { create: () => new MemoryLease(), close: (lease) => (lease as MemoryLease).close() });
