import { local } from '@milonga/adapters-local';
import { addressOf } from './addresses.ts';
import { bigtableAt, PROJECT, redisClusterAt, storageAt } from './databases.ts';
import type { Stack } from './stack.ts';

/** Google Cloud, with Redis Cluster for what requests read. The lake is Parquet files of DuckDB, until there is an adapter for BigQuery. */
export const gcpStack: Stack = {
  what: 'every role in a process of its own, on Pub/Sub, Bigtable, Redis Cluster and Cloud Storage',
  isSpread: true,
  services: ['pubsub', 'bigtable', 'redis-cluster', 'gcs'],
  survivors: ['redis-cluster'],
  adapters: async ({ dir, servicesFolder }) => {
    const { pubsub } = await import('@milonga/adapters-gcp/pubsub');
    const broker = await addressOf('pubsub', servicesFolder);
    return [
      local({ dir, lake: { memoryLimitMiB: 256 } }),
      await bigtableAt(servicesFolder),
      await redisClusterAt(servicesFolder),
      await storageAt(servicesFolder),
      pubsub({
        clientOptions: { projectId: PROJECT, apiEndpoint: `${broker.host}:${broker.port}`, emulatorMode: true },
        partitions: 4,
      }),
    ];
  },
};
