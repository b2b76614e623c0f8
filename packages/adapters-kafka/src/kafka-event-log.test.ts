import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { deadLetterTopicOf, type EventMessage, type ReceivedEvent } from '@milonga/core';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { requireService } from '../../../services/test-services.ts';
import { keyPartition } from './event-log/key-partition.ts';
import { openKafkaSink, openKafkaSource } from './kafka-adapter.ts';
import type { KafkaOptions } from './kafka-options.ts';

const broker = await requireService('kafka');
const MEMBER = fileURLToPath(new URL('../test-support/hanging-member.ts', import.meta.url));
const limits = { retryDelayMs: 20, sessionTimeoutMs: 2_000 } as const;
let count = 0;
const fresh = (what: string): string => `${what}-${process.pid}-${Date.now()}-${count++}`;
const event = (id: string, key: string, headers?: Readonly<Record<string, string>>): EventMessage => ({
  id,
  key,
  eventAt: 1,
  ingestedAt: 2,
  value: Buffer.from(id),
  ...(headers === undefined ? {} : { headers }),
});

async function eventually(check: () => void, withinMs: number = 15_000): Promise<void> {
  for (const endsAt = performance.now() + withinMs; ; ) {
    try {
      return check();
    } catch (error) {
      if (performance.now() > endsAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

describe.skipIf(broker === undefined)('Kafka as an event log', { timeout: 40_000 }, () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });
  const open = (options: Partial<KafkaOptions> = {}) => {
    const all = { ...(options.client === undefined ? { brokers: broker!.brokers } : {}), ...limits, ...options };
    const ends = { sink: openKafkaSink(all), source: openKafkaSource(all) };
    closing.push(() => ends.source.close().then(() => ends.sink.close()));
    return ends;
  };
  const raw = (): Kafka => new Kafka({ brokers: [...broker!.brokers], logLevel: logLevel.NOTHING });
  const receive = async (
    source: ReturnType<typeof openKafkaSource>,
    topic: string,
    group: string = fresh('group'),
  ): Promise<readonly ReceivedEvent[]> => {
    const events: ReceivedEvent[] = [];
    await source.subscribe(topic, { group }, async (batch) => void events.push(...batch.events));
    return events;
  };

  test('what a killed member was given comes to another one, with what it never saw', async () => {
    const { sink, source } = open();
    const topic = fresh('killed');
    const group = fresh('group');
    await sink.ensureTopics([{ name: topic, partitions: 2 }]);
    const ids = Array.from({ length: 60 }, (_, n) => `e-${n}`);
    await sink.publish(
      topic,
      ids.map((id, n) => event(id, `k${n % 5}`)),
    );
    const member: ChildProcess = spawn(process.execPath, [MEMBER, broker!.brokers[0]!, topic, group], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    onTestFinished(() => void member.kill('SIGKILL'));
    await once(member.stdout!, 'data');
    member.kill('SIGKILL');
    const events = await receive(source, topic, group);
    await eventually(() => expect(new Set(events.map(({ id }) => id))).toEqual(new Set(ids)));
  });

  test('members that come and go in the midst of the stream lose nothing and keep the order of keys', async () => {
    const { sink } = open();
    const topic = fresh('rebalance');
    const group = fresh('group');
    await sink.ensureTopics([{ name: topic, partitions: 4 }]);
    const received = new Map<string, number[]>();
    const join = () => {
      const { source } = open();
      return source.subscribe(topic, { group, maxBatchEvents: 20 }, async ({ events }) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        for (const { key, id } of events) received.set(key, [...(received.get(key) ?? []), Number(id)]);
      });
    };
    const publishing = (async () => {
      for (let round = 0; round < 150; round += 1) {
        await sink.publish(
          topic,
          Array.from({ length: 8 }, (_, key) => event(String(round), `key-${key}`)),
        );
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    const first = await join();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const second = await join();
    await new Promise((resolve) => setTimeout(resolve, 500));
    await first.close();
    await join();
    await new Promise((resolve) => setTimeout(resolve, 500));
    await second.close();
    await publishing;
    const rounds = Array.from({ length: 150 }, (_, round) => round);
    await eventually(() => {
      for (let key = 0; key < 8; key += 1) {
        const got = received.get(`key-${key}`) ?? [];
        // Redelivered ones aside: each number for the first time, in order.
        expect([...new Set(got)]).toEqual(rounds);
      }
    });
  });

  test('a dead letter has its cause, its position, its key, its value and the headers it came with', async () => {
    const { sink, source } = open();
    const topic = fresh('poison');
    const group = fresh('group');
    await sink.ensureTopics([{ name: topic, partitions: 1 }]);
    await sink.publish(topic, [event('good', 'k'), event('bad', 'k', { origin: 'shop' }), event('after', 'k')]);
    const handled: string[] = [];
    await source.subscribe(topic, { group, maxBatchEvents: 1, maxAttempts: 2 }, async ({ events }) => {
      if (events[0]!.id === 'bad') throw new Error('cannot be read');
      handled.push(events[0]!.id);
    });
    await eventually(() => expect(handled).toEqual(['good', 'after']));
    const letters = await receive(source, deadLetterTopicOf(topic));
    await eventually(() => expect(letters.length).toBe(1));
    const [letter] = letters;
    expect({ id: letter!.id, key: letter!.key, value: Buffer.from(letter!.value).toString() }).toEqual({
      id: 'bad',
      key: 'k',
      value: 'bad',
    });
    expect(letter!.headers).toEqual({
      origin: 'shop',
      'milonga-cause': 'cannot be read',
      'milonga-topic': topic,
      'milonga-partition': '0',
      'milonga-offset': '1',
      'milonga-group': group,
    });
  });

  test('records of other producers are events; those that are none become dead letters, and the group goes on', async () => {
    const { sink, source } = open();
    const topic = fresh('foreign');
    await sink.ensureTopics([{ name: topic, partitions: 1 }]);
    const producer = raw().producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    onTestFinished(() => producer.disconnect());
    const messages = [
      { key: 'k', value: 'plain', timestamp: '1700000000000', headers: { from: 'elsewhere' } },
      { key: 'k', value: null },
      { key: 'k', value: 'x', headers: { 'milonga-event': 'no times' } },
      { key: null, value: 'last' },
    ];
    await producer.send({ topic, messages });
    const events = await receive(source, topic);
    await eventually(() => expect(events.map(({ value }) => Buffer.from(value).toString())).toEqual(['plain', 'last']));
    expect(events[0]).toMatchObject({ id: `${topic}/0/0`, key: 'k', eventAt: 1_700_000_000_000, offset: 0 });
    expect(events[0]!.headers).toEqual({ from: 'elsewhere' });
    const letters = await receive(source, deadLetterTopicOf(topic));
    await eventually(() => expect(letters.length).toBe(2));
    expect(letters.map(({ headers }) => headers!['milonga-offset'])).toEqual(['1', '2']);
    expect(letters[0]!.headers!['milonga-cause']).toContain('no value');
    expect(letters[1]!.headers!['milonga-cause']).toContain('no times');
  });

  test('keys lie where other Kafka producers put them, and the number of partitions is what was asked for', async () => {
    const { sink, source } = open({ partitions: 7 });
    const topic = fresh('keys');
    await sink.ensureTopics([{ name: topic }]);
    expect((await source.positions(topic, 'nobody')).length).toBe(7);
    const keys = ['', 'a', 'user-42', 'ключ', '鍵', ...Array.from({ length: 50 }, (_, n) => `k${n * n}`)];
    const producer = raw().producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    onTestFinished(() => producer.disconnect());
    await producer.send({ topic, messages: keys.map((key) => ({ key, value: 'x' })) });
    const found = new Map<string, number>();
    await source.subscribe(topic, { group: fresh('group') }, async ({ partition, events }) => {
      for (const { key } of events) found.set(key, partition);
    });
    await eventually(() => expect(found.size).toBe(keys.length));
    // An empty key is a key for Kafka's own producer; kafkajs spreads such records.
    for (const key of keys.slice(1)) expect([key, keyPartition(key, 7)]).toEqual([key, found.get(key)]);
  });

  test('a client of the user is made when it is needed first, shared by both ends, and never asked for credentials', async () => {
    let made = 0;
    const client = (): Kafka => {
      made += 1;
      return raw();
    };
    const { sink, source } = open({ client });
    expect(made).toBe(0);
    const topic = fresh('own');
    await sink.publish(topic, [event('1', 'k')]);
    const events = await receive(source, topic);
    await eventually(() => expect(events.length).toBe(1));
    expect(made).toBe(2); // one for each end, each with connections of its own
  });

  test('SASL is handed to the client: a broker without it refuses, and the password is in no message', async () => {
    const sasl = { mechanism: 'plain', username: 'ann', password: 'sesame' } as const;
    const { sink } = open({ sasl, publishTimeoutMs: 3_000 });
    const failure: unknown = await sink.publish(fresh('sasl'), [event('1', 'k')]).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'MILONGA_EVENT_SINK_UNAVAILABLE' });
    expect(String(failure)).toContain('SASL');
    expect(`${failure} ${JSON.stringify(failure)}`).not.toContain('sesame');
  });

  test('TLS is handed to the client: a broker that speaks plain text is not reached', async () => {
    const { sink } = open({ ssl: { rejectUnauthorized: false }, publishTimeoutMs: 2_000 });
    const published = sink.publish(fresh('tls'), [event('1', 'k')]);
    await expect(published).rejects.toMatchObject({ code: 'MILONGA_EVENT_SINK_UNAVAILABLE', isRetryable: true });
  });

  test('events beyond the limit of those that wait are refused at once, retryably', async () => {
    const { sink } = open({ maxWaitingEvents: 1_000 });
    const topic = fresh('waiting');
    await sink.ensureTopics([{ name: topic, partitions: 1 }]);
    const many = (from: number): EventMessage[] => Array.from({ length: 900 }, (_, n) => event(`${from + n}`, 'k'));
    const [first, second] = await Promise.allSettled([0, 900].map((from) => sink.publish(topic, many(from))));
    expect(first!.status).toBe('fulfilled');
    expect(second).toMatchObject({ status: 'rejected', reason: { isRetryable: true } });
  });
});
