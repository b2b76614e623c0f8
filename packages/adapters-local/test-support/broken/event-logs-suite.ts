import { testEventLog } from '@milonga/testing/conformance';
import { describe } from 'vitest';
import { MemoryEventSink } from '../../src/memory/memory-event-sink.ts';
import { MemoryEventSource } from '../../src/memory/memory-event-source.ts';
import { MemoryLog } from '../../src/memory/memory-log.ts';
import { broken, none } from './broken.ts';
import { brokenEventLogs, type ClosingEnds, type LogMutation } from './broken-event-logs.ts';

/** The suite of the event log on every mutation of its ends, and on none; see stores-suite.ts. */
for (const mutation of [none, ...brokenEventLogs] as readonly LogMutation[]) {
  describe(`EventLog: ${mutation.name}`, () =>
    testEventLog('memory', {
      create: () => {
        const log = new MemoryLog({ partitions: 4, retentionMs: 86_400_000 });
        const sink = new MemoryEventSink(log);
        const source = new MemoryEventSource(log, { retryDelayMs: 20 });
        return {
          sink: broken<ClosingEnds['sink']>(sink, mutation.sink ?? (() => ({}))),
          source: broken<ClosingEnds['source']>(source, mutation.source ?? (() => ({}))),
        };
      },
      close: async ({ sink, source }) => {
        (sink as ClosingEnds['sink']).close();
        await (source as ClosingEnds['source']).close();
      },
      withinMs: 1_200,
      quietMs: 60,
    }));
}
