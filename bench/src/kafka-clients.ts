import { Consumer, MessagesStreamModes, ProduceAcks, Producer } from '@platformatic/kafka';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { serviceAddress } from '../../services/addresses.ts';
import type { BenchOptions, BenchResult } from './bench-result.ts';
import { measurePair } from './measure-pair.ts';
import { measureReaders, newGroup, type Reader } from './time-to-read.ts';

const CALL_EVENTS = 1_000;
const VALUE = Buffer.alloc(200, 7);
const keys = Array.from({ length: CALL_EVENTS }, (_, at) => Buffer.from(`user-${(at * 7_919) % 997}`));

/**
 * The two clients of Kafka that the adapter's seam could stand on, without the adapter: kafkajs, which it stands on, beside
 * `@platformatic/kafka`. Figures for the decision between them.
 */
export async function benchKafkaClients({ quick }: BenchOptions): Promise<readonly BenchResult[]> {
  const address = await serviceAddress('kafka');
  if (address === undefined) throw new Error('kafka is not up.');
  const brokers = [...address.brokers];
  const kafkajs = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const topic = `clients-${process.pid}-${Date.now()}`;
  const admin = kafkajs.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 4 }], waitForLeaders: true });
  await admin.disconnect();
  return [await benchProduce(kafkajs, brokers, topic, quick), await benchConsume(kafkajs, brokers, topic, quick)];
}

async function benchProduce(kafkajs: Kafka, brokers: string[], topic: string, quick: boolean): Promise<BenchResult> {
  const ours = kafkajs.producer({ idempotent: true, createPartitioner: Partitioners.DefaultPartitioner });
  const theirs = new Producer<Buffer, Buffer, Buffer, Buffer>({
    clientId: 'bench',
    bootstrapBrokers: brokers,
    idempotent: true,
  });
  await ours.connect();
  try {
    const figures = await measurePair(
      () => ours.send({ topic, acks: -1, messages: keys.map((key) => ({ key, value: VALUE })) }),
      () => theirs.send({ acks: ProduceAcks.ALL, messages: keys.map((key) => ({ topic, key, value: VALUE })) }),
      quick ? 3 : 100,
    );
    return {
      name: `kafkajs, ${CALL_EVENTS} events of 200 bytes, acks of all`,
      unit: 'us',
      ours: figures.ours,
      peer: { name: '@platformatic/kafka', ...figures.peer },
      ratio: figures.ours.p50 / figures.peer.p50,
    };
  } finally {
    await Promise.all([ours.disconnect(), theirs.close()]);
  }
}

async function benchConsume(kafkajs: Kafka, brokers: string[], topic: string, quick: boolean): Promise<BenchResult> {
  const events = await eventsIn(kafkajs, topic);
  const { ours, peer } = await measureReaders(
    events,
    (count) => readByKafkaJs(kafkajs, topic, count),
    (count, fail) => readByPlatformatic(brokers, topic, count, fail),
    { warmUps: 0, rounds: quick ? 1 : 7 },
  );
  const name = `kafkajs, a new group reads ${events.toLocaleString('en-US')} events`;
  return { name, unit: 'ms', ours, peer: { name: '@platformatic/kafka', ...peer }, ratio: ours.p50 / peer.p50 };
}

async function eventsIn(kafkajs: Kafka, topic: string): Promise<number> {
  const admin = kafkajs.admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  return offsets.reduce((sum, { high }) => sum + Number(high), 0);
}

async function readByKafkaJs(kafkajs: Kafka, topic: string, count: Parameters<Reader>[0]): ReturnType<Reader> {
  const consumer = kafkajs.consumer({ groupId: newGroup(), maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: 4,
    eachBatch: async ({ batch }) => count(batch.messages.length),
  });
  return () => consumer.disconnect();
}

async function readByPlatformatic(
  brokers: string[],
  topic: string,
  ...[count, fail]: Parameters<Reader>
): ReturnType<Reader> {
  const consumer = new Consumer({ clientId: 'bench', groupId: newGroup(), bootstrapBrokers: brokers });
  const stream = await consumer.consume({
    topics: [topic],
    mode: MessagesStreamModes.EARLIEST,
    autocommit: false,
    maxWaitTime: 100,
  });
  stream.on('error', fail);
  stream.on('data', () => count(1));
  return async () => {
    await stream.close();
    await consumer.close();
  };
}
