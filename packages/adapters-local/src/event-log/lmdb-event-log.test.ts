import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventMessage } from '@milonga/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Environment } from '../environment/environment.ts';
import { machineMs } from '../lease/machine-time.ts';
import { LmdbEventSink } from './lmdb-event-sink.ts';
import { LmdbEventSource } from './lmdb-event-source.ts';
import { LogHandle } from './log-handle.ts';

let dir: string;
let sink: LmdbEventSink;
let source: LmdbEventSource;

const openLog = (end: 'sink' | 'source'): Promise<LogHandle> =>
  LogHandle.open(dir, 'process-crash', end, { partitions: 2, retentionMs: 86_400_000 });
async function openEnds(): Promise<void> {
  sink = new LmdbEventSink(await openLog('sink'));
  source = new LmdbEventSource(await openLog('source'), { retryDelayMs: 10 });
}
async function closeEnds(): Promise<void> {
  await source.close();
  await sink.close();
}
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'milonga-log-'));
  await openEnds();
});
afterEach(async () => {
  await closeEnds();
  rmSync(dir, { recursive: true, force: true });
});

const message = (id: string, key: string = id): EventMessage => ({
  id,
  key,
  eventAt: 0,
  ingestedAt: 0,
  value: Buffer.from(id),
});
const publish = (topic: string, ids: readonly string[], key?: string): Promise<unknown> =>
  sink.publish(
    topic,
    ids.map((id) => message(id, key)),
  );

test('a log goes on where it was after it was closed and opened again, group and all', async () => {
  await sink.ensureTopics([{ name: 't', partitions: 1 }]);
  const seen: string[] = [];
  for (const round of ['a', 'b', 'c']) {
    await publish('t', [`${round}1`, `${round}2`]);
    await source.subscribe('t', { group: 'g' }, async ({ events }) => void seen.push(...events.map(({ id }) => id)));
    await expect.poll(() => seen.at(-1)).toBe(`${round}2`);
    await closeEnds();
    await openEnds();
  }
  expect(seen).toEqual(['a1', 'a2', 'b1', 'b2', 'c1', 'c2']);
  expect(await source.positions('t', 'g')).toEqual([{ partition: 0, committedOffset: 6, endOffset: 6 }]);
});

test('a topic that nobody made is made by its first use, with the defaults', async () => {
  await publish('new', ['a']);
  expect((await source.positions('new', 'g')).length).toBe(2);
  expect(await source.positions('never used', 'g')).toEqual([]);
});

test.each([
  { name: '' },
  { name: 'x'.repeat(500) },
  { name: 't', partitions: 0 },
  { name: 't', partitions: 1.5 },
  { name: 't', partitions: 5_000 },
  { name: 't', retentionMs: 0 },
  { name: 't', retentionMs: Number.NaN },
])('the definition %j is refused', async (definition) => {
  await expect(sink.ensureTopics([definition])).rejects.toMatchObject({ code: 'MILONGA_DEFINITION_INVALID' });
});

test.each([{ group: '' }, { group: 'g', maxAttempts: 0 }, { group: 'g', maxBatchEvents: 0.5 }])(
  'the subscription %j is refused',
  async (options) => {
    await expect(source.subscribe('t', options, async () => {})).rejects.toMatchObject({
      code: 'MILONGA_DEFINITION_INVALID',
    });
  },
);

test('an event that cannot be stored has its outcome, and the others theirs', async () => {
  await sink.ensureTopics([{ name: 't', partitions: 1 }]);
  const bad = { ...message('bad'), value: 'text' as unknown as Uint8Array };
  const outcomes = await sink.publish('t', [message('a'), bad, message('b')]);
  expect(outcomes.map(({ status }) => status)).toEqual(['acknowledged', 'failed', 'acknowledged']);
  expect(outcomes[1]).toMatchObject({ isRetryable: false, error: { code: 'MILONGA_SCHEMA_INVALID' } });
  const seen: string[] = [];
  await source.subscribe('t', { group: 'g' }, async ({ events }) => void seen.push(...events.map(({ id }) => id)));
  await expect.poll(() => seen).toEqual(['a', 'b']);
});

test('a chunk that is corrupt ends its subscription with MILONGA_STORAGE_CORRUPT; other topics go on', async () => {
  await sink.ensureTopics([
    { name: 'bad', partitions: 1 },
    { name: 'good', partitions: 1 },
  ]);
  await publish('bad', ['a', 'b']);
  const environment = await Environment.open(dir, 'log', 'process-crash', 'MILONGA_EVENT_SOURCE_UNAVAILABLE');
  const chunks = environment.database('chunks');
  const [entry] = [...chunks.getRange({})];
  const spoiled = Buffer.from(entry!.value);
  spoiled[40] = spoiled[40]! ^ 1;
  await environment.write(() => environment.put(chunks, entry!.key, spoiled));
  await environment.close();
  const subscription = await source.subscribe('bad', { group: 'g' }, async () => {});
  await expect(subscription.ended).rejects.toMatchObject({ code: 'MILONGA_STORAGE_CORRUPT' });
  await subscription.close();
  await publish('good', ['c']);
  const seen: string[] = [];
  await source.subscribe('good', { group: 'g' }, async ({ events }) => void seen.push(...events.map(({ id }) => id)));
  await expect.poll(() => seen).toEqual(['c']);
});

test('of more members than partitions some wait, and take over when others leave', async () => {
  await sink.ensureTopics([{ name: 't', partitions: 2 }]);
  const seen: string[][] = [[], [], [], []];
  const members = [];
  for (const mine of seen) {
    members.push(
      await source.subscribe('t', { group: 'g' }, async ({ events }) => void mine.push(...events.map(({ id }) => id))),
    );
  }
  const ids = Array.from({ length: 50 }, (_, i) => String(i));
  await publish('t', ids);
  await expect.poll(() => seen.flat().sort()).toEqual([...ids].sort());
  for (const [i, member] of members.entries()) {
    await member.close();
    if (i === members.length - 1) break;
    await publish('t', [`after ${i}`]);
    await expect.poll(() => seen.flat()).toContain(`after ${i}`);
  }
});

test('a member of another machine that is silent loses its partitions when its time is over, not before', async () => {
  await sink.ensureTopics([{ name: 't', partitions: 1 }]);
  await publish('t', ['a']);
  const environment = await Environment.open(dir, 'log', 'process-crash', 'MILONGA_EVENT_SOURCE_UNAVAILABLE');
  const groups = environment.databaseByName('groups');
  const expiresAt = machineMs() + 1_500;
  const process = { host: 'another machine', pid: 1, startedAt: '' };
  await environment.write(() => {
    environment.put(groups, '0/g/member/silent', Buffer.from(JSON.stringify({ expiresAt, ttlMs: 5_000, process })));
    environment.put(groups, '0/g/owner/0', Buffer.from('silent'));
  });
  let tookOverAt = 0;
  await source.subscribe('t', { group: 'g' }, async () => {
    tookOverAt = machineMs();
  });
  await expect.poll(() => tookOverAt, { timeout: 4_000 }).toBeGreaterThan(0);
  expect(tookOverAt).toBeGreaterThanOrEqual(expiresAt);
  await environment.close();
});

test('a member that lost its partition meanwhile commits nothing', async () => {
  await sink.ensureTopics([{ name: 't', partitions: 1 }]);
  await publish('t', ['a', 'b']);
  const environment = await Environment.open(dir, 'log', 'process-crash', 'MILONGA_EVENT_SOURCE_UNAVAILABLE');
  const groups = environment.databaseByName('groups');
  let calls = 0;
  await source.subscribe('t', { group: 'g', maxBatchEvents: 1 }, async () => {
    calls += 1;
    const thief = {
      expiresAt: machineMs() + 60_000,
      ttlMs: 60_000,
      process: { host: 'another machine', pid: 1, startedAt: '' },
    };
    await environment.write(() => {
      environment.put(groups, '0/g/member/thief', Buffer.from(JSON.stringify(thief)));
      environment.put(groups, '0/g/owner/0', Buffer.from('thief'));
    });
  });
  await expect.poll(() => calls).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(calls).toBe(1);
  expect((await source.positions('t', 'g'))[0]?.committedOffset).toBe(0);
  await environment.close();
});

test('retention removes in steps what many small publishes have left, and keeps the rest', async () => {
  await sink.ensureTopics([{ name: 't', partitions: 1, retentionMs: 1_500 }]);
  for (let i = 0; i < 300; i += 1) await publish('t', [`old ${i}`]);
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  await publish('t', ['young']);
  await expect.poll(async () => (await source.positions('t', 'g'))[0]?.committedOffset, { timeout: 5_000 }).toBe(300);
  const seen: string[] = [];
  await source.subscribe(
    't',
    { group: 'g' },
    async ({ events }) => void seen.push(...events.map(({ id, offset }) => `${id} at ${offset}`)),
  );
  await expect.poll(() => seen).toEqual(['young at 300']);
});

test('a batch ends by its bytes too, so that large events do not fill the memory', async () => {
  await sink.ensureTopics([{ name: 't', partitions: 1 }]);
  const value = new Uint8Array(3_000_000);
  for (let i = 0; i < 8; i += 1) await sink.publish('t', [{ ...message(String(i)), value }]);
  const sizes: number[] = [];
  await source.subscribe('t', { group: 'g' }, async ({ events }) => void sizes.push(events.length));
  await expect.poll(() => sizes.reduce((sum, size) => sum + size, 0)).toBe(8);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(3);
});
