import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventSink, EventSource, Lease, OfflineStore, OnlineStore } from '@milonga/core';
import { type App, createApp } from '@milonga/core/app';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Child, startChild } from '../test-support/child.ts';
import { checkDataFile } from './environment/data-file.ts';
import { local } from './local-adapter.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
let dir: string;
let app: App;
const children: Child[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'milonga-processes-'));
  app = createApp([local({ dir, partitions: 4 })]);
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    child.process.kill('SIGKILL');
    await child.ended;
  }
  await app.close();
  rmSync(dir, { recursive: true, force: true });
});

function start(name: string, args: readonly string[] = [], shell?: string): Child {
  const child = startChild(name, [dir, ...args], shell);
  children.push(child);
  return child;
}

test('two processes read while one writes: nothing torn, nothing back, no event missing', async () => {
  const writer = start('kill-writer', ['1']);
  writer.process.stdin?.write('go\n');
  await writer.line('ready');
  const readers = ['one', 'two'].map((name) => start('reader', [name, '1200']));
  for (const reader of readers) {
    expect(await reader.ended, reader.complaint()).toBe(0);
    const [, rows, events] = reader.lines[0]!.split(' ').map(Number);
    expect(rows).toBeGreaterThan(1_000);
    expect(events).toBeGreaterThan(100);
  }
  expect(writer.process.exitCode).toBeNull();
});

test('what another process has written is seen at once, also within one turn of the event loop', async () => {
  const { online } = await app.resolve({ online: OnlineStore });
  const writer = start('prompt-writer');
  await writer.line('ready');
  expect(await online.readRows(['k'], ['c'])).toEqual([undefined]);
  writeFileSync(join(dir, 'go'), '');
  for (const endMs = performance.now() + 10_000; !existsSync(join(dir, 'done')) && performance.now() < endMs; );
  const [row] = await online.readRows(['k'], ['c']);
  expect(Buffer.from(row?.[0] ?? []).toString()).toBe('v');
});

test('a store that another process lets grow is never taken for one that was cut off', async () => {
  const writer = start('growing-store');
  await writer.line('ready');
  for (let look = 0; look < 20_000; look += 1) checkDataFile(join(dir, 'growing.mdb'));
  expect(writer.process.exitCode).toBeNull();
});

describe('a group over two processes', () => {
  test('shares the partitions; when one is killed the other takes over and misses nothing', async () => {
    const { sink, source } = await app.resolve({ sink: EventSink, source: EventSource });
    await sink.ensureTopics([{ name: 'events', partitions: 4 }]);
    const mine = new Map<string, number>();
    await source.subscribe('events', { group: 'shared' }, async ({ events, partition }) => {
      for (const { id } of events) mine.set(id, partition);
    });
    const other = start('group-member');
    let published = 0;
    const publish = async (): Promise<void> => {
      await sink.publish(
        'events',
        Array.from({ length: 40 }, (_, i) => {
          const id = String(published + i);
          return { id, key: id, eventAt: 0, ingestedAt: 0, value: Buffer.from(id) };
        }),
      );
      published += 40;
    };
    const theirs = (): ReadonlyMap<string, number> =>
      new Map(
        other.lines.flatMap((line) => {
          const [, partition, ids] = line.split(' ');
          return ids!.split(',').map((id) => [id, Number(partition)] as const);
        }),
      );
    const recent = (of: ReadonlyMap<string, number>): number =>
      new Set([...of].slice(-20).map(([, partition]) => partition)).size;
    for (let i = 0; i < 400 && !(recent(theirs()) === 2 && recent(mine) === 2); i += 1) {
      await publish();
      await pause(20);
    }
    expect([recent(theirs()), recent(mine)]).toEqual([2, 2]);
    other.process.kill('SIGKILL');
    await other.ended;
    const killedAt = performance.now();
    await publish();
    while (new Set([...mine.keys(), ...theirs().keys()]).size < published) {
      expect(performance.now() - killedAt).toBeLessThan(4_000);
      await pause(10);
    }
    expect(new Set(mine.values()).size).toBe(4);
  });
});

describe('a lease over two processes', () => {
  const ttlMs = 400;

  test('of a holder that was killed it is free after its time to live, not before, with a larger token', async () => {
    const { lease } = await app.resolve({ lease: Lease });
    const holder = start('lease-holder', [String(ttlMs)]);
    const token = Number((await holder.line('holds')).split(' ')[1]);
    await pause(ttlMs);
    expect(await lease.acquire('job', { ttlMs })).toBeUndefined();
    holder.process.kill('SIGKILL');
    await holder.ended;
    const killedAt = performance.now();
    let hold = await lease.acquire('job', { ttlMs });
    expect(hold).toBeUndefined();
    while (hold === undefined) {
      await pause(10);
      hold = await lease.acquire('job', { ttlMs });
    }
    expect(performance.now() - killedAt).toBeGreaterThan(ttlMs / 4);
    expect(performance.now() - killedAt).toBeLessThan(ttlMs * 3);
    expect(hold.token).toBeGreaterThan(token);
  });

  test('a holder that was held up learns that it lost it', async () => {
    const { lease } = await app.resolve({ lease: Lease });
    const holder = start('lease-holder', [String(ttlMs)]);
    await holder.line('holds');
    holder.process.kill('SIGSTOP');
    let hold = await lease.acquire('job', { ttlMs });
    while (hold === undefined) {
      await pause(10);
      hold = await lease.acquire('job', { ttlMs });
    }
    holder.process.kill('SIGCONT');
    await holder.line('lost');
    await pause(ttlMs * 2);
    expect(hold.signal.aborted).toBe(false);
  });
});

describe.skipIf(process.platform === 'win32')('a full disk', () => {
  test.each(['process-crash', 'power-loss'])(
    'is MILONGA_STORAGE_FULL, loses nothing acknowledged, and passes (%s)',
    async (durability) => {
      // Files end at 2 MiB, by a limit of the system: writes past it fail as those to a full disk do.
      const writer = start('full-disk-writer', [durability], 'ulimit -f 4096');
      expect(await writer.ended, writer.complaint()).toBe(0);
      expect(writer.complaint()).toBe('');
      const taken = Object.fromEntries(
        writer.lines.slice(0, 3).map((line) => {
          const [what, count, code, isRetryable] = line.split(' ');
          expect([code, isRetryable]).toEqual(['MILONGA_STORAGE_FULL', 'true']);
          expect(Number(count)).toBeGreaterThan(100);
          return [what, Number(count)];
        }),
      );
      expect(writer.lines.slice(3)).toEqual([`reads 3000 3000 ${taken.log}`, 'closed']);
      const { sink, source, offline, online } = await app.resolve({
        sink: EventSink,
        source: EventSource,
        offline: OfflineStore,
        online: OnlineStore,
      });
      await offline.ensureTables([{ name: 'rows', families: { a: { reason: 'a test' } } }]);
      const numbers = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => String(i));
      const rows = await offline.readRows(
        'rows',
        numbers(taken.offline!).map((key) => Buffer.from(key)),
      );
      expect(rows.every((row) => row?.cells[0]?.value.length === 3_000)).toBe(true);
      expect((await online.readRows(numbers(taken.online!), ['a'])).every((row) => row?.[0]?.length === 3_000)).toBe(
        true,
      );
      const ids: string[] = [];
      await source.subscribe(
        'events',
        { group: 'g' },
        async ({ events }) => void ids.push(...events.map(({ id }) => id)),
      );
      await sink.publish('events', [{ id: 'more', key: 'more', eventAt: 0, ingestedAt: 0, value: new Uint8Array() }]);
      await expect.poll(() => new Set(ids).size, { timeout: 5_000 }).toBe(taken.log! + 1);
    },
  );
});
