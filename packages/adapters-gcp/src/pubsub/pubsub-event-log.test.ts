import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PubSub } from '@google-cloud/pubsub';
import { local, memory } from '@milonga/adapters-local';
import { type EventMessage, EventSink, EventSource, OfflineStore, type ReceivedEvent } from '@milonga/core';
import { createApp } from '@milonga/core/app';
import { describe, expect, test } from 'vitest';
import { requireService } from '../../../../services/test-services.ts';
import { pubsub } from './pubsub-adapter.ts';
import type { PubSubAdapterOptions } from './pubsub-options.ts';

process.env.METADATA_SERVER_DETECTION ??= 'none'; // the SDK would look for the metadata server of a cloud machine
const address = await requireService('pubsub');
const message = (id: string, bytes = 10): EventMessage => ({
  id,
  key: 'one',
  eventAt: 1,
  ingestedAt: 2,
  value: new Uint8Array(bytes),
});
let topics = 0;
const newTopic = (): string => {
  topics += 1;
  return `own-${Date.now().toString(36)}-${topics}`;
};

describe.skipIf(address === undefined)('Pub/Sub as an event log', () => {
  const apiEndpoint = `${address?.host}:${address?.port}`;
  const clientOptions = { projectId: 'test', apiEndpoint, emulatorMode: true };
  const open = async (options: PubSubAdapterOptions = {}, others = memory()) => {
    const app = createApp([others, pubsub({ clientOptions, partitions: 2, ...options })]);
    return { app, ...(await app.resolve({ sink: EventSink, source: EventSource, store: OfflineStore })) };
  };

  test('what a killed member was given comes again, with the same offsets', { timeout: 40_000 }, async () => {
    const dir = await mkdtemp(join(tmpdir(), 'milonga-pubsub-'));
    const { app, sink, source } = await open({}, local({ dir }));
    const topic = newTopic();
    const all = Array.from({ length: 25 }, (_, i) => message(`e${i}`));
    await sink.publish(topic, all);
    const script = join(import.meta.dirname, '../../test-support/hanging-member.ts');
    const child = spawn(process.execPath, [script, apiEndpoint, dir, topic, 'group'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    child.kill('SIGKILL');
    const given = JSON.parse(String(line)) as readonly (readonly [string, number])[];
    expect(given.length).toBeGreaterThan(0);
    const got: ReceivedEvent[] = [];
    await source.subscribe(
      topic,
      { group: 'group', maxBatchEvents: 7 },
      async ({ events }) => void got.push(...events),
    );
    await expect.poll(() => got.length, { timeout: 30_000 }).toBe(25);
    expect(got.map(({ id, offset }) => [id, offset])).toEqual(all.map(({ id }, i) => [id, i]));
    expect(got.slice(0, given.length).map(({ id, offset }) => [id, offset])).toEqual(given);
    await app.close();
    await rm(dir, { recursive: true });
  });

  test('a handler that works for longer than the deadline keeps its batch', { timeout: 40_000 }, async () => {
    const { app, sink, source } = await open();
    const topic = newTopic();
    await sink.publish(topic, [message('slow'), message('next')]);
    const deliveries: string[] = [];
    for (const member of ['one', 'other']) {
      await source.subscribe(topic, { group: 'g', maxBatchEvents: 1 }, async ({ events }) => {
        deliveries.push(events[0]!.id);
        if (events[0]!.id === 'slow') await new Promise((resolve) => setTimeout(resolve, 14_000));
        else expect(member).toBeDefined();
      });
    }
    await expect.poll(() => deliveries.length, { timeout: 30_000 }).toBe(2);
    expect(deliveries).toEqual(['slow', 'next']);
    await app.close();
  });

  test('a lane whose topic is gone fails its events, and is free again', async () => {
    const { app, sink, source } = await open();
    const topic = newTopic();
    await sink.publish(topic, [message('a')]);
    const client = new PubSub(clientOptions);
    await client.topic(topic).delete();
    const [outcome] = await sink.publish(topic, [message('b')]);
    expect(outcome).toMatchObject({ status: 'failed', isRetryable: false });
    await client.createTopic({
      name: topic,
      labels: { 'milonga-partitions': '2' },
      messageRetentionDuration: { seconds: 600 },
    });
    expect(await sink.publish(topic, [message('c')])).toEqual([{ status: 'acknowledged' }]);
    const got: string[] = [];
    await source.subscribe(topic, { group: 'g' }, async ({ events }) => void got.push(...events.map(({ id }) => id)));
    await expect.poll(() => got).toEqual(['c']);
    await client.close();
    await app.close();
  });

  test('an event that is too large fails alone', async () => {
    const { app, sink } = await open();
    const outcomes = await sink.publish(newTopic(), [message('a'), message('b', 10_000_000), message('c')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['acknowledged', 'failed', 'acknowledged']);
    expect(outcomes[1]).toMatchObject({ isRetryable: false });
    await app.close();
  });

  test('a service that is away is a retryable error within the limit', async () => {
    const { app, sink } = await open({
      clientOptions: { ...clientOptions, apiEndpoint: '127.0.0.1:1' },
      publishTimeoutMs: 300,
    });
    await expect(sink.publish('t', [message('a')])).rejects.toMatchObject({
      code: 'MILONGA_EVENT_SINK_UNAVAILABLE',
      isRetryable: true,
    });
    await app.close();
  });

  test('messages of others are events too; a client of the user is used and not closed', async () => {
    const client = new PubSub(clientOptions);
    const { app, sink, source } = await open({ client: () => client });
    const topic = newTopic();
    await sink.ensureTopics([{ name: topic }]);
    const publisher = client.topic(topic, { messageOrdering: true });
    const id = await publisher.publishMessage({
      data: Buffer.from('plain'),
      attributes: { own: '1' },
      orderingKey: 'theirs',
    });
    const got: ReceivedEvent[] = [];
    await source.subscribe(topic, { group: 'g' }, async ({ events }) => void got.push(...events));
    await expect.poll(() => got.length).toBe(1);
    expect(got[0]).toMatchObject({ id, key: 'theirs', headers: { own: '1' }, offset: 0 });
    expect(got[0]!.eventAt).toBeGreaterThan(Date.now() - 60_000);
    expect(Buffer.from(got[0]!.value).toString()).toBe('plain');
    await app.close();
    expect(await client.topic(topic).exists()).toEqual([true]);
    await client.close();
  });

  test('headers and ids of any length arrive', async () => {
    const { app, sink, source } = await open();
    const topic = newTopic();
    const headers = Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`h${i}`, 'ж'.repeat(i * 20)]));
    const event = {
      ...message('i'.repeat(2_000), 50),
      headers: { ...headers, 'milonga-key': 'theirs', googname: 'x' },
    };
    await sink.publish(topic, [event]);
    const got: ReceivedEvent[] = [];
    await source.subscribe(topic, { group: 'g' }, async ({ events }) => void got.push(...events));
    await expect.poll(() => got.length).toBe(1);
    expect(got[0]).toMatchObject({ id: event.id, key: 'one', headers: event.headers });
    expect(got[0]!.value.length).toBe(50);
    await app.close();
  });
});
