import { local } from '@milonga/adapters-local';
import { addressOf } from './addresses.ts';
import { bigtableAt, redisClusterAt, storageAt } from './databases.ts';
import type { Stack } from './stack.ts';

/** Events over Kafka; the lake is Parquet files of DuckDB, which needs no server. */
export const kafkaStack: Stack = {
  what: 'every role in a process of its own, on Kafka, Bigtable, Redis Cluster and Cloud Storage',
  isSpread: true,
  services: ['kafka', 'bigtable', 'redis-cluster', 'gcs'],
  survivors: ['kafka', 'redis-cluster'],
  adapters: async ({ dir, servicesFolder }) => {
    const { kafka } = await import('@milonga/adapters-kafka');
    const { brokers } = await addressOf('kafka', servicesFolder);
    return [
      local({ dir, lake: { memoryLimitMiB: 256 } }),
      // A killed member's partitions go to others after so long; the broker allows less than the usual six seconds.
      kafka({ brokers, partitions: 4, sessionTimeoutMs: 3_000 }),
      await bigtableAt(servicesFolder),
      await redisClusterAt(servicesFolder),
      await storageAt(servicesFolder),
    ];
  },
};
