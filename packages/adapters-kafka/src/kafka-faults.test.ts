import { connect } from 'node:net';
import { ConnectionProxy } from '@milonga/testing/chaos';
import { type EventLogEnds, testEventLog } from '@milonga/testing/conformance';
import { type ISocketFactory, Kafka, logLevel } from 'kafkajs';
import { afterAll, describe } from 'vitest';
import { requireService } from '../../../services/test-services.ts';
import type { KafkaEventSink } from './event-log/kafka-event-sink.ts';
import type { KafkaEventSource } from './event-log/kafka-event-source.ts';
import { openKafkaSink, openKafkaSource } from './kafka-adapter.ts';
import type { KafkaOptions } from './kafka-options.ts';

const broker = await requireService('kafka');
const toxiproxy = await requireService('toxiproxy');
const limits = { retryDelayMs: 20, sessionTimeoutMs: 3_000 } as const;

const open = (options: KafkaOptions): EventLogEnds => ({
  sink: openKafkaSink(options),
  source: openKafkaSource(options),
});
const close = async ({ sink, source }: EventLogEnds): Promise<void> => {
  await (source as KafkaEventSource).close();
  await (sink as KafkaEventSink).close();
};

describe.skipIf(broker === undefined)('with faulty calls', () => {
  const create = (): EventLogEnds => open({ brokers: broker!.brokers, ...limits });
  testEventLog('kafka under faults', { create, another: create, close, withinMs: 15_000, quietMs: 500, chaos: {} });
});

/** The suite over real connections that a proxy cuts, stalls and slows down while the history runs. */
describe.skipIf(broker === undefined || toxiproxy === undefined)('through Toxiproxy', async () => {
  if (broker === undefined || toxiproxy === undefined) return;
  const [host = '', port] = broker.brokers[0]!.split(':');
  const proxy = await ConnectionProxy.open({ upstream: { host, port: Number(port) }, toxiproxy: toxiproxy.endpoint });
  afterAll(() => proxy.close());
  // A broker tells its own address; whoever asks for it is led to the proxy.
  const socketFactory: ISocketFactory = ({ onConnect }) => connect({ host: proxy.host, port: proxy.port }, onConnect);
  const client = (): Kafka =>
    new Kafka({
      brokers: [...broker.brokers],
      socketFactory,
      logLevel: logLevel.NOTHING,
      requestTimeout: 1_000,
      connectionTimeout: 1_000,
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 60 },
    });
  const create = (): EventLogEnds => open({ client, publishTimeoutMs: 4_000, ...limits });
  testEventLog('kafka, through Toxiproxy', {
    create,
    another: create,
    close,
    withinMs: 20_000,
    quietMs: 500,
    chaos: { connection: proxy },
  });
});
