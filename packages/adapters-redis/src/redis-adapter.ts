import { Lease, OnlineStore } from '@milonga/core';
import { type Adapter, defineAdapter, provide } from '@milonga/core/app';
import { SharedConnection } from './client/shared-connection.ts';
import { RedisLease } from './lease/redis-lease.ts';
import { RedisOnlineStore } from './online/redis-online-store.ts';
import { type RedisAdapterOptions, settingsOf } from './redis-options.ts';

/**
 * The online store and leases on Redis, Redis Cluster or Valkey. Nothing is connected before the first call.
 *
 * @throws MilongaError `MILONGA_DEFINITION_INVALID` for options that contradict each other.
 * @example
 * ```ts
 * await using app = createApp([local({ dir: '.milonga' }), redis({ nodes: [{ host: 'redis-1', port: 6379 }] })]);
 * const { store } = await app.resolve({ store: OnlineStore });
 * ```
 */
export function redis(options: RedisAdapterOptions = {}): Adapter {
  const settings = settingsOf(options);
  const shared = new SharedConnection(settings);
  return defineAdapter('redis', [
    provide(OnlineStore, {
      create: async () => new RedisOnlineStore(await shared.take(), settings),
      dispose: (store) => (store as RedisOnlineStore).close(),
    }),
    provide(Lease, {
      create: async () => new RedisLease(await shared.take(), settings),
      dispose: (lease) => (lease as RedisLease).close(),
    }),
  ]);
}
