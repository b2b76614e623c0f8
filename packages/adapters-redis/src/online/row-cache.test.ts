import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openFor } from '../../test-support/open.ts';
import { hasRedis, Servers } from '../../test-support/servers.ts';
import { nodesOf } from '../client/nodes.ts';
import type { RedisAdapterOptions } from '../redis-options.ts';
import { RedisOnlineStore } from './redis-online-store.ts';
import { RowCache } from './row-cache.ts';

const KEYS = Array.from({ length: 40 }, (_, at) => `item/${at}`);
const row = (key: string, value: string) => ({
  key,
  columns: { x: Buffer.from(value) },
  timeToLive: { forever: 'a test' },
});
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe.skipIf(!hasRedis())('rows that are kept in the process', { timeout: 60_000 }, () => {
  let cluster: Servers;
  let single: Servers;
  const opened: RedisOnlineStore[] = [];
  beforeAll(async () => {
    cluster = await Servers.cluster(3);
    single = await Servers.single();
  }, 60_000);
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });
  afterAll(async () => {
    await cluster.stop();
    await single.stop();
  });

  const places = (): Readonly<Record<string, RedisAdapterOptions>> => ({
    cluster: { nodes: cluster.nodes },
    'one Redis': { url: `redis://127.0.0.1:${single.nodes[0]!.port}` },
  });
  const open = async (place: string, options: RedisAdapterOptions = {}): Promise<RedisOnlineStore> => {
    const store = await openFor(
      { readTimeoutMs: 2_000, ...places()[place], ...options },
      (connection, settings) => new RedisOnlineStore(connection, settings),
    );
    opened.push(store);
    return store;
  };
  const read = async (store: RedisOnlineStore, keys: readonly string[] = KEYS): Promise<readonly unknown[]> =>
    (await store.readRows(keys, ['x'])).map((found) => found && Buffer.from(found[0]!).toString());
  /** Commands that servers have had for keys of ours. */
  const gets = (servers: Servers): number =>
    servers.nodes.reduce((sum, { port }) => {
      const stats = servers.cli(port, 'info', 'commandstats');
      const calls = [...stats.matchAll(/cmdstat_m?get:calls=(\d+)/g)].map(([, count]) => Number(count));
      return sum + calls.reduce((all, count) => all + count, 0);
    }, 0);
  /** Reads until rows are followed, so that they are kept from then on. */
  const warm = async (store: RedisOnlineStore, servers: Servers): Promise<void> => {
    await expect
      .poll(
        async () => {
          await read(store);
          const before = gets(servers);
          await read(store);
          return gets(servers) - before;
        },
        { timeout: 5_000 },
      )
      .toBe(0);
  };
  const serversOf = (place: string): Servers => (place === 'cluster' ? cluster : single);

  test.each(['cluster', 'one Redis'])(
    '%s: a second read asks no server, and sees what others change',
    async (place) => {
      const [store, writer] = [await open(place, { cache: {} }), await open(place)];
      await writer.writeRows(KEYS.slice(1).map((key) => row(key, '1')));
      await warm(store, serversOf(place));
      await writer.writeRows(KEYS.map((key) => row(key, '2')));
      await expect.poll(() => read(store), { timeout: 1_000, interval: 5 }).toEqual(KEYS.map(() => '2'));
      await writer.deleteRows(KEYS);
      await expect.poll(() => read(store), { timeout: 1_000, interval: 5 }).toEqual(KEYS.map(() => undefined));
    },
  );

  test.each(['cluster', 'one Redis'])('%s: what the store itself wrote is what it reads next', async (place) => {
    const store = await open(place, { cache: {} });
    await store.writeRows(KEYS.map((key) => row(key, '0')));
    await warm(store, serversOf(place));
    for (let i = 1; i <= 50; i += 1) {
      await store.writeRows(KEYS.map((key) => row(key, String(i))));
      expect(await read(store)).toEqual(KEYS.map(() => String(i)));
    }
  });

  test('no value stays that was read while it was changed', async () => {
    const [store, writer] = [await open('cluster', { cache: { maxAgeMs: 600_000 } }), await open('cluster')];
    for (let i = 1; i <= 150; i += 1) {
      const writing = writer.writeRows(KEYS.map((key) => row(key, String(i))));
      await Promise.all([read(store), read(store), writing, read(store)]);
    }
    await expect.poll(() => read(store), { timeout: 1_000 }).toEqual(KEYS.map(() => '150'));
  });

  test('a change that overtakes the answer of a read keeps the answer out', async () => {
    const client = new Redis({ port: single.nodes[0]!.port, protocol: 2 });
    const writer = client.duplicate();
    const cache = new RowCache(nodesOf(client, 'master'), { maxBytes: 1_000_000, maxAgeMs: 600_000 });
    const old = Buffer.concat([Buffer.from([1]), Buffer.from(Float64Array.of(Infinity).buffer)]);
    await writer.mset('overtaken', old, 'witness', old);
    const readAndKeep = async (key: string): Promise<void> => {
      const fill = cache.begin([key]);
      fill.take(key, (await client.getBuffer(key))!, client);
      fill.end();
    };
    await expect.poll(async () => readAndKeep('witness').then(() => cache.get('witness'))).toBeDefined();
    const slow = cache.begin(['overtaken']);
    const answer = (await client.getBuffer('overtaken'))!;
    await writer.set('overtaken', 'changed');
    await writer.set('witness', 'changed');
    // Changes are told in order: when that of the witness is here, the other was here before.
    await expect.poll(() => cache.get('witness')).toBeUndefined();
    slow.take('overtaken', answer, client);
    slow.end();
    expect(cache.get('overtaken')).toBeUndefined();
    cache.close();
    client.disconnect();
    writer.disconnect();
  });

  test('a row is gone at its time, though it was kept', async () => {
    const store = await open('cluster', { cache: {} });
    const keys = KEYS.slice(0, 5);
    await warm(store, cluster);
    await store.writeRows(keys.map((key) => ({ ...row(key, '1'), timeToLive: { ttlMs: 400 } })));
    expect(await read(store, keys)).toEqual(keys.map(() => '1'));
    await pause(405);
    expect(await read(store, keys)).toEqual(keys.map(() => undefined));
  });

  test('when the connection that tells of changes is lost, nothing is trusted', async () => {
    const port = single.nodes[0]!.port;
    const [store, writer] = [await open('one Redis', { cache: { maxAgeMs: 600_000 } }), await open('one Redis')];
    await writer.writeRows(KEYS.map((key) => row(key, 'before')));
    await warm(store, single);
    single.cli(port, 'client', 'kill', 'type', 'pubsub');
    await writer.writeRows(KEYS.map((key) => row(key, 'after')));
    await expect.poll(() => read(store), { timeout: 1_000, interval: 5 }).toEqual(KEYS.map(() => 'after'));
    await warm(store, single);
    await writer.writeRows(KEYS.map((key) => row(key, 'at last')));
    await expect.poll(() => read(store), { timeout: 1_000, interval: 5 }).toEqual(KEYS.map(() => 'at last'));
  });

  test('it holds no more than it may', async () => {
    const port = single.nodes[0]!.port;
    const store = await open('one Redis', { cache: { maxBytes: 20_000 } });
    await store.writeRows(KEYS.map((key) => row(key, 'x'.repeat(5_000))));
    await read(store);
    await pause(50);
    await read(store);
    const before = gets(single);
    await read(store, [KEYS.at(-1)!]);
    expect(gets(single)).toBe(before);
    await read(store, [KEYS[0]!]);
    expect(gets(single)).toBe(before + 1);
    expect(single.cli(port, 'client', 'list')).toContain('cmd=subscribe');
  });

  test("the user's client stops being followed when the store is closed", async () => {
    const port = single.nodes[0]!.port;
    const client = new Redis({ port, protocol: 2 });
    const store = await openFor({ client, cache: {} }, (connection, all) => new RedisOnlineStore(connection, all));
    await store.writeRows([row('own', '1')]);
    await read(store, ['own']);
    await expect.poll(async () => String(await client.call('CLIENT', 'TRACKINGINFO'))).toContain('on');
    await store.close();
    await expect.poll(async () => String(await client.call('CLIENT', 'TRACKINGINFO'))).toContain('off');
    expect(await client.ping()).toBe('PONG');
    client.disconnect();
  });
});
