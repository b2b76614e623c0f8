import { testEventLog } from '@milonga/testing/conformance';
import { describe } from 'vitest';
import { requireService } from '../../../services/test-services.ts';
import type { KafkaEventSink } from './event-log/kafka-event-sink.ts';
import type { KafkaEventSource } from './event-log/kafka-event-source.ts';
import { openKafkaSink, openKafkaSource } from './kafka-adapter.ts';

const address = await requireService('kafka');

describe.skipIf(address === undefined)('on a real broker', () => {
  const open = () => {
    const options = { brokers: address!.brokers, retryDelayMs: 20, sessionTimeoutMs: 3_000 };
    return { sink: openKafkaSink(options), source: openKafkaSource(options) };
  };
  testEventLog('kafka', {
    create: open,
    another: open,
    close: async ({ sink, source }) => {
      await (source as KafkaEventSource).close();
      await (sink as KafkaEventSink).close();
    },
    withinMs: 15_000,
    quietMs: 500,
  });
});
