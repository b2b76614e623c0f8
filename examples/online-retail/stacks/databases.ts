import type { Adapter } from '@milonga/core/app';
import { addressOf } from './addresses.ts';

process.env.METADATA_SERVER_DETECTION ??= 'none'; // stand-ins need no credentials, and this may be no machine of Google's

/** The project that the stand-ins are told; any name does. */
export const PROJECT = 'milonga';

/** Wide rows. The replay's clock is in the past, where Bigtable's own garbage collection would find everything expired. */
export async function bigtableAt(servicesFolder: string): Promise<Adapter> {
  const { bigtable } = await import('@milonga/adapters-gcp/bigtable');
  const { host, port } = await addressOf('bigtable', servicesFolder);
  return bigtable({
    instance: 'shop',
    clientOptions: { projectId: PROJECT, apiEndpoint: `${host}:${port}` },
    garbageCollection: 'none',
  });
}

/** What requests read. A write counts when a replica has it too, so that a lost master costs no feature. */
export async function redisClusterAt(servicesFolder: string): Promise<Adapter> {
  const { redis } = await import('@milonga/adapters-redis');
  const { nodes } = await addressOf('redis-cluster', servicesFolder);
  return redis({ nodes, writeReplicas: 1 });
}

/** Model files and the registry's entries. */
export async function storageAt(servicesFolder: string): Promise<Adapter> {
  const { storage } = await import('@milonga/adapters-gcp/storage');
  const { endpoint } = await addressOf('gcs', servicesFolder);
  return storage({ bucket: 'shop', clientOptions: { projectId: PROJECT, apiEndpoint: endpoint } });
}
