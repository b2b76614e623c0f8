import { Consumer, MessagesStreamModes, ProduceAcks, Producer } from '@platformatic/kafka';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { serviceAddress } from '../../services/addresses.ts';
import type { BenchOptions, BenchResult } from './bench-result.ts';
import { measurePair, percentilesOf } from './measure-pair.ts';

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
  const produced = await benchProduce(kafkajs, brokers, topic, quick);
  const offsets = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const events = offsets.reduce((sum, { high }) => sum + Number(high), 0);
  return [produced, await benchConsume(kafkajs, brokers, topic, { events, rounds: quick ? 1 : 7 })];
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

async function benchConsume(
  kafkajs: Kafka,
  brokers: string[],
  topic: string,
  { events, rounds }: { readonly events: number; readonly rounds: number },
): Promise<BenchResult> {
  const oursMs = new Float64Array(rounds);
  const theirsMs = new Float64Array(rounds);
  for (let round = 0; round < rounds; round += 1) {
    const groupId = `clients-${process.pid}-${Date.now()}-${round}`;
    oursMs[round] = await readByKafkaJs(kafkajs, topic, `${groupId}-a`, events);
    theirsMs[round] = await readByPlatformatic(brokers, topic, `${groupId}-b`, events);
  }
  const ours = percentilesOf(oursMs);
  const peer = { name: '@platformatic/kafka', ...percentilesOf(theirsMs) };
  const name = `kafkajs, a new group reads ${events.toLocaleString('en-US')} events`;
  return { name, unit: 'ms', ours, peer, ratio: ours.p50 / peer.p50 };
}

/** Milliseconds from the first message to the last. */
async function readByKafkaJs(kafkajs: Kafka, topic: string, groupId: string, events: number): Promise<number> {
  const consumer = kafkajs.consumer({ groupId, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  const { promise, resolve } = Promise.withResolvers<number>();
  let left = events;
  let startedMs = 0;
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: 4,
    eachBatch: async ({ batch }) => {
      if (left === events) startedMs = performance.now();
      left -= batch.messages.length;
      if (left <= 0) resolve(performance.now() - startedMs);
    },
  });
  const tookMs = await promise;
  await consumer.disconnect();
  return tookMs;
}

/** Milliseconds from the first message to the last. */
async function readByPlatformatic(brokers: string[], topic: string, groupId: string, events: number): Promise<number> {
  const consumer = new Consumer({ clientId: 'bench', groupId, bootstrapBrokers: brokers });
  const stream = await consumer.consume({
    topics: [topic],
    mode: MessagesStreamModes.EARLIEST,
    autocommit: false,
    maxWaitTime: 100,
  });
  let left = events;
  let startedMs = 0;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  stream.on('error', reject);
  stream.on('data', () => {
    if (left === events) startedMs = performance.now();
    left -= 1;
    if (left === 0) resolve(performance.now() - startedMs);
  });
  const tookMs = await promise;
  await stream.close();
  await consumer.close();
  return tookMs;
}
