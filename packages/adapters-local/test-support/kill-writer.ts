/**
 * Writes to every port of a directory and says so, until it is killed. Each line on stdout is an acknowledgement, written
 * at once: what the parent has read has happened.
 *
 * `node kill-writer.ts <dir> <round>`; it begins when it is sent a line.
 */
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { ArtifactStore, EventSink, EventSource, Frame, Lake, Lease, OfflineStore, OnlineStore } from '@milonga/core';
import { createApp } from '@milonga/core/app';
import { local } from '../src/index.ts';
import { artifactOf, LAKE_TABLE, lakeRows } from './kill-contents.ts';

const [dir = '', round = '0'] = process.argv.slice(2);
const say = (...words: readonly (string | number)[]): void => void writeSync(1, `${words.join(' ')}\n`);
const bytes = (text: string): Uint8Array => Buffer.from(text);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const forever = { forever: 'a test' };

await once(process.stdin, 'data');
const app = createApp([local({ dir, partitions: 3 })]);
const { sink, source, offline, online, lease, lake, artifacts } = await app.resolve({
  sink: EventSink,
  source: EventSource,
  offline: OfflineStore,
  online: OnlineStore,
  lease: Lease,
  lake: Lake,
  artifacts: ArtifactStore,
});
await offline.ensureTables([{ name: 'rows', families: { a: { reason: 'a test' }, b: { reason: 'a test' } } }]);

async function publish(): Promise<void> {
  for (let n = 0; ; n += 1) {
    const size = 1 + ((n * 7) % 40);
    const events = Array.from({ length: size }, (_, i) => {
      const id = `${round}-${n}-${i}`;
      return {
        id,
        key: `key-${(n + i) % 16}`,
        eventAt: n,
        ingestedAt: i,
        value: bytes(`value of ${id} ${'x'.repeat((n * 13) % 300)}`),
      };
    });
    await sink.publish('events', events);
    say('published', n, size);
    await turn();
  }
}

async function consume(): Promise<void> {
  await source.subscribe('events', { group: 'group', maxBatchEvents: 30 }, async ({ partition, events }) => {
    await turn();
    say('handled', partition, events[0]!.offset!, events.at(-1)!.offset!);
  });
}

async function mutate(): Promise<void> {
  const cell = (family: string, value: number) => ({
    family,
    qualifier: bytes('q'),
    value: bytes(`${value}${' '.repeat(value % 200)}`),
    at: 0,
  });
  for (let n = Number(round) * 1_000_000; ; n += 20) {
    const outcomes = await offline.mutateRows(
      'rows',
      Array.from({ length: 20 }, (_, i) => ({
        key: bytes(`row-${(n + i) % 500}`),
        set: [cell('a', n + i), cell('b', n + i)],
      })),
    );
    for (let i = 0; i < 20; i += 1) if (outcomes[i]!.status === 'applied') say('row', (n + i) % 500, n + i);
    await turn();
  }
}

async function count(): Promise<void> {
  const at = { family: 'a', qualifier: bytes('count') };
  for (;;) {
    const [row] = await offline.readRows('rows', [bytes('counter')]);
    const equals = row?.cells[0]?.value;
    const next = Number(Buffer.from(equals ?? []).toString() || '0') + 1;
    const [outcome] = await offline.mutateRows('rows', [
      {
        key: bytes('counter'),
        set: [{ ...at, value: bytes(String(next)), at: 0 }],
        onlyIf: { ...at, equals },
      },
    ]);
    if (outcome!.status === 'applied') say('counted', next);
    await turn();
  }
}

async function write(): Promise<void> {
  for (let n = Number(round) * 1_000_000; ; n += 1) {
    const key = `key-${n % 50}`;
    await online.writeRows([
      { key, columns: { a: bytes(String(n)), b: bytes(`${n}${' '.repeat(n % 100)}`) }, timeToLive: forever },
    ]);
    say('written', key, n);
    await online.appendLists([{ key: 'list', values: [bytes(String(n))], maxLength: 400, timeToLive: forever }]);
    say('appended', n);
    await turn();
  }
}

async function hold(): Promise<void> {
  for (;;) {
    const held = await lease.acquire('job', { ttlMs: 150 });
    if (held !== undefined) say('held', held.token);
    if (held !== undefined && held.token % 2 === 0) await held.release();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function put(): Promise<void> {
  for (let n = 0; ; n += 1) {
    const name = `models/m/${round}-${n}`;
    if (await artifacts.putIfAbsent(name, artifactOf(name))) say('put', name);
    await turn();
  }
}

async function append(): Promise<void> {
  await lake.ensureTables([LAKE_TABLE]);
  for (let first = ((await lake.positions(LAKE_TABLE.name)).get(0) ?? -1) + 1; ; first += 10) {
    const last = first + 9;
    await lake.append(LAKE_TABLE.name, Frame.fromRows(LAKE_TABLE.fields, lakeRows(first, last)), {
      ranges: [{ partition: 0, first, last }],
    });
    say('landed', last);
    await turn();
  }
}

say('ready');
await Promise.all([publish(), consume(), mutate(), count(), write(), hold(), put(), append()]);
