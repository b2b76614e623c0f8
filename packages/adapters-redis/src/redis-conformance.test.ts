import { testLease, testOnlineStore } from '@milonga/testing/conformance';
import { describe } from 'vitest';
import { requireService } from '../../../services/test-services.ts';
import { openFor, patient } from '../test-support/open.ts';
import { RedisLease } from './lease/redis-lease.ts';
import { RedisOnlineStore } from './online/redis-online-store.ts';
import type { RedisAdapterOptions } from './redis-options.ts';

const single = await requireService('redis');
const cluster = await requireService('redis-cluster');
const byServer = { by: 'real-time', granularityMs: 50 } as const;

/** By the name of the setting; those whose service is not there are skipped, and said to be. */
const settings: readonly (readonly [name: string, options: RedisAdapterOptions | undefined])[] = [
  ['redis', single && { url: `redis://${single.host}:${single.port}` }],
  ['redis-cluster', cluster && { nodes: cluster.nodes }],
  ['redis, cached', single && { url: `redis://${single.host}:${single.port}`, cache: {} }],
  ['redis-cluster, cached', cluster && { nodes: cluster.nodes, cache: {} }],
];

for (const [name, options] of settings) {
  describe.skipIf(options === undefined)(name, () => {
    testOnlineStore(name, {
      create: () => openFor({ ...patient, ...options }, (connection, all) => new RedisOnlineStore(connection, all)),
      close: (store) => (store as RedisOnlineStore).close(),
      timeToLive: byServer,
    });
    if (name.includes('cached')) return;
    const create = (): Promise<RedisLease> =>
      openFor({ ...patient, ...options }, (connection, all) => new RedisLease(connection, all));
    testLease(name, { create, another: create, close: (lease) => (lease as RedisLease).close() });
  });
}
