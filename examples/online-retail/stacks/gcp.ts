import { local } from '@milonga/adapters-local';
import { addressOf } from './addresses.ts';
import { bigtableAt, PROJECT, redisClusterAt, storageAt } from './databases.ts';
import type { Stack } from './stack.ts';

/** Google Cloud, with Redis Cluster for what requests read. `local()` is left with the clock. */
export const gcpStack: Stack = {
  what: 'every role in a process of its own, on Pub/Sub, Bigtable, Redis Cluster, Cloud Storage and BigQuery',
  isSpread: true,
  services: ['pubsub', 'bigtable', 'redis-cluster', 'gcs', 'bigquery'],
  survivors: ['redis-cluster'],
  adapters: async ({ dir, servicesFolder }) => {
    const { pubsub } = await import('@milonga/adapters-gcp/pubsub');
    const { bigquery } = await import('@milonga/adapters-gcp/bigquery');
    const broker = await addressOf('pubsub', servicesFolder);
    const warehouse = await addressOf('bigquery', servicesFolder);
    return [
      local({ dir }),
      await bigtableAt(servicesFolder),
      await redisClusterAt(servicesFolder),
      await storageAt(servicesFolder),
      pubsub({
        clientOptions: { projectId: PROJECT, apiEndpoint: `${broker.host}:${broker.port}`, emulatorMode: true },
        partitions: 4,
      }),
      bigquery({
        dataset: 'shop',
        clientOptions: { projectId: PROJECT, apiEndpoint: warehouse.endpoint },
      }),
    ];
  },
};
