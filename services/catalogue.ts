import { join } from 'node:path';
import { type ServiceName, serviceNames, servicesFolder } from './addresses.ts';
import { bigquery } from './bigquery.ts';
import { bigtable } from './bigtable.ts';
import { gcs } from './gcs.ts';
import { kafka } from './kafka.ts';
import { pubsub } from './pubsub.ts';
import { redis } from './redis.ts';
import { redisCluster } from './redis-cluster.ts';
import type { Service, ServicePlace } from './service.ts';
import { toxiproxy } from './toxiproxy.ts';

const catalogue: { readonly [Name in ServiceName]: Service<Name> } = {
  redis,
  'redis-cluster': redisCluster,
  toxiproxy,
  kafka,
  gcs,
  bigtable,
  pubsub,
  bigquery,
};

/** The service of that name. */
export function serviceOf<Name extends ServiceName>(name: Name): Service<Name> {
  return catalogue[name];
}

/** How an instance of the services is told from another. */
export interface PlaceOptions {
  /** The folder of all services. @defaultValue `.milonga/services` in the repository, or MILONGA_SERVICES_FOLDER */
  readonly folder?: string;
  /** @defaultValue silence */
  readonly say?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** Where the service of that name has its files. */
export function placeOf(
  name: ServiceName,
  { folder = servicesFolder(), say, signal }: PlaceOptions = {},
): ServicePlace {
  return {
    folder: join(folder, name),
    cache: process.env.MILONGA_SERVICES_CACHE ?? join(import.meta.dirname, '..', '.milonga', 'services', 'cache'),
    say: (line) => say?.(`${name}: ${line}`),
    signal: signal ?? new AbortController().signal,
  };
}

/** The names that a user gave, checked; all of them where none is given. */
export function chosenServices(names: readonly string[]): readonly ServiceName[] {
  const unknown = names.filter((name) => !serviceNames.includes(name as ServiceName));
  if (unknown.length > 0) {
    throw new RangeError(`No service is called ${unknown.join(', ')}. There are: ${serviceNames.join(', ')}.`);
  }
  return names.length === 0 ? serviceNames : serviceNames.filter((name) => names.includes(name));
}
