import { testLease, testOnlineStore } from '@milonga/testing/conformance';
import { afterAll, describe } from 'vitest';
import { openFor, patient } from '../test-support/open.ts';
import { hasRedis, Servers } from '../test-support/servers.ts';
import { RedisLease } from './lease/redis-lease.ts';
import { RedisOnlineStore } from './online/redis-online-store.ts';
import type { RedisAdapterOptions } from './redis-options.ts';

const timeToLive = { by: 'real-time', granularityMs: 50 } as const;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Connections are cut, or a server says nothing for a while, one server after the other. */
function faultsOf(servers: Servers) {
  let turn = 0;
  return {
    disturb: async (shape: number): Promise<void> => {
      turn += 1;
      const { port } = servers.nodes[turn % servers.nodes.length]!;
      if (shape < 0.5) {
        for (const kind of ['normal', 'pubsub']) servers.cli(port, 'client', 'kill', 'type', kind);
        await pause(20 + shape * 100);
        return;
      }
      servers.pause(port);
      await pause(shape * 300);
      servers.resume(port);
    },
    restore: (): Promise<void> => Promise.resolve(),
  };
}

describe.skipIf(!hasRedis())('under faults', async () => {
  if (!hasRedis()) return;
  const single = await Servers.single();
  const cluster = await Servers.cluster(3);
  afterAll(async () => {
    await single.stop();
    await cluster.stop();
  });
  const url = `redis://127.0.0.1:${single.nodes[0]!.port}`;
  const { nodes } = cluster;
  const open = (options: RedisAdapterOptions): Promise<RedisOnlineStore> =>
    openFor(options, (connection, settings) => new RedisOnlineStore(connection, settings));
  const close = (store: unknown): Promise<void> => (store as RedisOnlineStore).close();

  testOnlineStore('redis, with faulty calls', {
    create: () => open({ ...patient, url }),
    close,
    timeToLive,
    chaos: {},
  });
  testLease('redis, with faulty calls', {
    create: () => openFor({ ...patient, url }, (connection, settings) => new RedisLease(connection, settings)),
    close: (lease) => (lease as RedisLease).close(),
    chaos: {},
  });
  const limits = { readTimeoutMs: 500, writeTimeoutMs: 1_000 };
  for (const [name, options, servers] of [
    ['one Redis', { url }, single],
    ['a cluster', { nodes }, cluster],
    ['a cluster, cached', { nodes, cache: {} }, cluster],
  ] as const) {
    testOnlineStore(`${name}, with faulty connections`, {
      create: () => open({ ...limits, ...options }),
      close,
      timeToLive,
      chaos: { connection: faultsOf(servers) },
    });
  }
});
