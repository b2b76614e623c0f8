import { Lease, OnlineStore } from '@milonga/core';
import { createApp } from '@milonga/core/app';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, test } from 'vitest';
import { hasRedis, Servers } from '../test-support/servers.ts';
import { redis } from './redis-adapter.ts';
import type { RedisAdapterOptions } from './redis-options.ts';

const forever = { forever: 'a test' };
const row = (key: string) => ({ key, columns: { x: Buffer.from('1') }, timeToLive: forever });

test('options that contradict each other are refused at once', () => {
  const refused: readonly (readonly [RedisAdapterOptions, string])[] = [
    [{ url: 'redis://a', nodes: [{ host: 'a', port: 1 }] }, '`url` and `nodes` were given'],
    [{ nodes: [] }, '`nodes` is empty'],
    [{ keyPrefix: 'a{b}' }, '`keyPrefix` must not have braces'],
    [{ readTimeoutMs: 0 }, '`readTimeoutMs` must be a finite number above 0'],
    [{ cache: { maxBytes: Number.NaN } }, '`maxBytes` must be a finite number above 0'],
    [{ readFrom: 'anywhere' as 'master' }, "`readFrom` must be 'master' or 'replica'"],
  ];
  for (const [options, message] of refused) expect(() => redis(options)).toThrow(message);
});

describe.skipIf(!hasRedis())('the adapter', async () => {
  const servers = hasRedis() ? await Servers.single() : undefined;
  const port = servers?.nodes[0]?.port ?? 0;
  afterAll(() => servers?.stop());
  /** Without the one that asks. */
  const clients = (): number =>
    servers!
      .cli(port, 'client', 'list')
      .split('\n')
      .filter((line) => line !== '' && !line.includes('cmd=client')).length;

  test('one connection for all of its ports, closed with the app', async () => {
    const app = createApp([redis({ url: `redis://127.0.0.1:${port}`, connection: { connectionName: 'shop' } })]);
    const { store, lease } = await app.resolve({ store: OnlineStore, lease: Lease });
    await store.writeRows([row('a')]);
    const hold = await lease.acquire('job', { ttlMs: 60_000 });
    expect(hold?.token).toBeGreaterThan(0);
    expect(servers!.cli(port, 'client', 'list').match(/name=shop/g)?.length).toBe(1);
    await app.close();
    await expect.poll(() => servers!.cli(port, 'client', 'list')).not.toContain('name=shop');
    expect(servers!.cli(port, 'keys', '*lease')).toBe('\n');
    await expect(store.readRows(['a'], ['x'])).rejects.toMatchObject({ code: 'MILONGA_CLOSED' });
  });

  test("the user's own client, or what makes it, is used as it is and left open", async () => {
    const own = new Redis({ port });
    for (const client of [own, () => own, async () => own]) {
      const app = createApp([redis({ client })]);
      const { store } = await app.resolve({ store: OnlineStore });
      await store.writeRows([row('own')]);
      expect((await store.readRows(['own'], ['x']))[0]).toHaveLength(1);
      await app.close();
      expect(await own.ping()).toBe('PONG');
    }
    own.disconnect();
    const prefixed = new Redis({ port, keyPrefix: 'mine:', lazyConnect: true });
    const app = createApp([redis({ client: prefixed })]);
    await expect(app.resolve({ store: OnlineStore })).rejects.toThrow('key prefix "mine:"');
    await app.close();
    prefixed.disconnect();
  });

  test('a full server, a foreign value and a refusal have codes of their own', async () => {
    await using app = createApp([redis({ url: `redis://127.0.0.1:${port}` })]);
    const { store } = await app.resolve({ store: OnlineStore });
    await store.writeRows([row('a')]);
    servers!.cli(port, 'config', 'set', 'maxmemory', '1mb');
    await expect(store.writeRows([row('b')])).rejects.toMatchObject({
      code: 'MILONGA_STORAGE_FULL',
      isRetryable: true,
    });
    servers!.cli(port, 'config', 'set', 'maxmemory', '0');
    servers!.cli(port, 'set', 'milonga:{foreign}r', 'not a row');
    servers!.cli(port, 'lpush', 'milonga:{list}r', 'not a row');
    await expect(store.readRows(['foreign'], ['x'])).rejects.toMatchObject({ code: 'MILONGA_STORAGE_CORRUPT' });
    for (const key of ['foreign', 'list']) {
      await expect(store.writeRows([row(key)])).rejects.toMatchObject({ code: 'MILONGA_STORAGE_CORRUPT' });
    }
    await store.deleteRows(['foreign', 'list']);
    await store.writeRows([row('foreign'), row('list')]);
    servers!.cli(port, 'acl', 'setuser', 'default', '-get', '-mget');
    await expect(store.readRows(['a'], ['x'])).rejects.toMatchObject({
      code: 'MILONGA_ONLINE_STORE_UNAVAILABLE',
      isRetryable: false,
    });
    servers!.cli(port, 'acl', 'setuser', 'default', '+@all');
  });

  test('a lease is lost when its holder cannot reach the server, before another can have it', async () => {
    await using app = createApp([redis({ url: `redis://127.0.0.1:${port}`, writeTimeoutMs: 200 })]);
    const { lease } = await app.resolve({ lease: Lease });
    const hold = await lease.acquire('nightly', { ttlMs: 900 });
    servers!.pause(port);
    const startedAt = performance.now();
    await expect.poll(() => hold!.signal.aborted, { timeout: 5_000, interval: 5 }).toBe(true);
    expect(performance.now() - startedAt).toBeLessThan(900);
    servers!.resume(port);
    await expect
      .poll(() => lease.acquire('nightly', { ttlMs: 900 }).catch(() => undefined), { timeout: 5_000 })
      .toBeDefined();
  });

  test('cancelling ends a call that is under way', async () => {
    await using app = createApp([redis({ url: `redis://127.0.0.1:${port}`, readTimeoutMs: 5_000 })]);
    const { store } = await app.resolve({ store: OnlineStore });
    await store.readRows(['a'], ['x']);
    servers!.pause(port);
    try {
      const controller = new AbortController();
      const reading = store.readRows(['a'], ['x'], { signal: controller.signal });
      setTimeout(() => controller.abort(), 30);
      await expect(reading).rejects.toMatchObject({ code: 'MILONGA_ABORTED' });
    } finally {
      servers!.resume(port);
    }
  });

  test('no connection remains', () => expect.poll(clients).toBe(0));
});
