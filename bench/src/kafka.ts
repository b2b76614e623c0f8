import { kafka } from '@milonga/adapters-kafka';
import { type EventMessage, EventSink, EventSource } from '@milonga/core';
import { createApp } from '@milonga/core/app';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { serviceAddress } from '../../services/addresses.ts';
import type { BenchOptions, BenchResult } from './bench-result.ts';
import { measurePair } from './measure-pair.ts';
import { measureReaders, newGroup, type Reader } from './time-to-read.ts';

const PARTITIONS = 4;
const CALL_EVENTS = 1_000;
const VALUE = Buffer.alloc(200, 7);
const RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 60 };

/** Events of 200 bytes into and out of Kafka, beside code written by hand over kafkajs with the same promises. */
export async function benchKafka({ quick }: BenchOptions): Promise<readonly BenchResult[]> {
  const address = await serviceAddress('kafka');
  if (address === undefined) throw new Error('kafka is not up.');
  const client = new Kafka({ brokers: [...address.brokers], logLevel: logLevel.NOTHING, retry: RETRY });
  await using app = createApp([kafka({ brokers: address.brokers, partitions: PARTITIONS })]);
  const { sink, source } = await app.resolve({ sink: EventSink, source: EventSource });
  const topic = `bench-${process.pid}-${Date.now()}`;
  await sink.ensureTopics([
    { name: topic, partitions: PARTITIONS },
    { name: `${topic}-raw`, partitions: PARTITIONS },
  ]);
  const produced = await benchProduce(sink, client, topic, quick);
  const consumed = await benchConsume(source, client, topic, quick);
  return [produced, consumed];
}

async function benchConsume(source: EventSource, client: Kafka, topic: string, quick: boolean): Promise<BenchResult> {
  const positions = await source.positions(topic, 'nobody');
  const events = positions.reduce((sum, { endOffset }) => sum + endOffset, 0);
  const { ours, peer } = await measureReaders(
    events,
    (count, fail) => consume(source, topic, count, fail),
    (count) => consumeByHand(client, topic, count),
    quick ? { warmUps: 0, rounds: 1 } : { warmUps: 2, rounds: 9 },
  );
  return {
    name: `Kafka, a new group reads ${events.toLocaleString('en-US')} events`,
    unit: 'ms',
    ours,
    peer: { name: 'kafkajs by hand, batches, offsets committed', ...peer },
    ratio: ours.p50 / peer.p50,
    budget: 1.5,
    limits: [{ what: 'events/s', value: events / (ours.p50 / 1_000) }],
  };
}

const eventsOf = (prefix: string, count: number): readonly EventMessage[] =>
  Array.from({ length: count }, (_, at) => ({
    id: `${prefix}-${at}`,
    key: `user-${(at * 7_919) % 997}`,
    eventAt: 1_700_000_000_000 + at,
    ingestedAt: 1_700_000_000_000 + at,
    value: VALUE,
  }));

async function benchProduce(sink: EventSink, client: Kafka, topic: string, quick: boolean): Promise<BenchResult> {
  const producer = client.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  try {
    const { ours, peer } = await measurePair(
      (round) => sink.publish(topic, eventsOf(String(round), CALL_EVENTS)),
      (round) => {
        const messages = eventsOf(String(round), CALL_EVENTS).map(({ key, value, id }) => ({
          key,
          value: Buffer.from(value),
          headers: { id },
        }));
        return producer.send({ topic: `${topic}-raw`, acks: -1, messages });
      },
      quick ? 3 : 100,
    );
    const peerName = 'kafkajs by hand, idempotent producer';
    return {
      name: `Kafka, publish ${CALL_EVENTS} events of 200 bytes`,
      unit: 'us',
      ours,
      peer: { name: peerName, ...peer },
      ratio: ours.p50 / peer.p50,
      budget: 1.2,
      limits: [{ what: 'events/s', value: CALL_EVENTS / (ours.p50 / 1e6) }],
    };
  } finally {
    await producer.disconnect();
  }
}

async function consume(source: EventSource, topic: string, ...[count, fail]: Parameters<Reader>): ReturnType<Reader> {
  const subscription = await source.subscribe(topic, { group: newGroup() }, async ({ events }) => count(events.length));
  subscription.ended.catch(fail);
  return () => subscription.close();
}

async function consumeByHand(client: Kafka, topic: string, count: Parameters<Reader>[0]): ReturnType<Reader> {
  const consumer = client.consumer({ groupId: newGroup(), maxWaitTimeInMs: 100, sessionTimeout: 10_000 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: PARTITIONS,
    eachBatch: async ({ batch, commitOffsetsIfNecessary }) => {
      count(batch.messages.length);
      const offset = String(Number(batch.lastOffset()) + 1);
      await commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition: batch.partition, offset }] }] });
    },
  });
  return () => consumer.disconnect();
}
