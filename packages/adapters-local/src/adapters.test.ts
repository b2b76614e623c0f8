import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ArtifactStore,
  Clock,
  EventSink,
  EventSource,
  Lake,
  Lease,
  ModelRegistry,
  OfflineStore,
  OnlineStore,
} from '@milonga/core';
import { createApp, defineAdapter, provide } from '@milonga/core/app';
import { testClock } from '@milonga/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { local } from './local-adapter.ts';
import { memory } from './memory-adapter.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'milonga-adapters-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const EVERYTHING = {
  clock: Clock,
  sink: EventSink,
  source: EventSource,
  offline: OfflineStore,
  online: OnlineStore,
  lake: Lake,
  artifacts: ArtifactStore,
  registry: ModelRegistry,
  lease: Lease,
};

describe.each([
  ['local', () => local({ dir: join(dir, 'made/on/demand') })],
  ['memory', () => memory()],
])('%s()', (_, adapter) => {
  test('provides every port of storage and time, and closes all of it', async () => {
    const app = createApp([adapter()], { requires: Object.values(EVERYTHING) });
    const ports = await app.resolve(EVERYTHING);
    await ports.sink.publish('t', [{ id: 'a', key: 'a', eventAt: 0, ingestedAt: 0, value: new Uint8Array(1) }]);
    const seen: string[] = [];
    const subscription = await ports.source.subscribe('t', { group: 'g' }, async ({ events }) => {
      seen.push(...events.map(({ id }) => id));
    });
    await expect.poll(() => seen).toEqual(['a']);
    await ports.lease.acquire('job', { ttlMs: 60_000 });
    await app.close();
    await subscription.ended;
    await expect(ports.sink.publish('t', [])).rejects.toMatchObject({ code: 'MILONGA_CLOSED' });
    await expect(ports.online.readRows(['a'], [])).rejects.toMatchObject({ code: 'MILONGA_CLOSED' });
    await expect(ports.offline.ensureTables([])).rejects.toMatchObject({ code: 'MILONGA_CLOSED' });
    await expect(ports.lake.positions('t')).rejects.toMatchObject({ code: 'MILONGA_CLOSED' });
    await expect(ports.artifacts.get('a')).rejects.toMatchObject({ code: 'MILONGA_CLOSED' });
    await expect(ports.lease.acquire('job', { ttlMs: 1 })).rejects.toMatchObject({ code: 'MILONGA_CLOSED' });
  });

  test('lives by the clock of a later adapter', async () => {
    const clock = testClock({ now: Date.UTC(2011, 0, 1) });
    const time = defineAdapter('time', [provide(Clock, { create: () => clock })]);
    await using app = createApp([adapter(), time]);
    const { online } = await app.resolve({ online: OnlineStore });
    await online.writeRows([{ key: 'a', columns: {}, timeToLive: { ttlMs: 1_000 } }]);
    expect(await online.readRows(['a'], [])).toEqual([[]]);
    await clock.advanceBy(1_000);
    expect(await online.readRows(['a'], [])).toEqual([undefined]);
  });
});

test('one local() may be used by one app after another, and by two at a time', async () => {
  const adapter = local({ dir });
  for (let i = 0; i < 3; i += 1) {
    await using app = createApp([adapter]);
    await using other = createApp([adapter]);
    const { online } = await app.resolve({ online: OnlineStore });
    const [row] = await online.readRows(['a'], ['n']);
    expect(row?.[0]?.length ?? 0).toBe(i);
    const { online: writer } = await other.resolve({ online: OnlineStore });
    await writer.writeRows([{ key: 'a', columns: { n: new Uint8Array(i + 1) }, timeToLive: { forever: 'a test' } }]);
    expect((await online.readRows(['a'], ['n']))[0]?.[0]?.length).toBe(i + 1);
  }
});
