import { MilongaError } from '@milonga/core';
import type { ConnectionOptions, RedisClient, RedisSettings } from '../redis-options.ts';
import { loadIoRedis } from './load-ioredis.ts';

const RECONNECT_FIRST_MS = 50;
/** Shorter than the limit of a read, so that those that wait for it are told in time. */
const RECONNECT_LONGEST_MS = 100;

/** A client, and whether it is ours to close. */
export interface OpenedClient {
  readonly client: RedisClient;
  readonly isOurs: boolean;
}

/** The user's client, or one that fails fast and comes back by itself. It connects with the first command. */
export async function openClient(settings: RedisSettings): Promise<OpenedClient> {
  const { client, nodes, url } = settings.place;
  if (client !== undefined)
    return { client: checked(typeof client === 'function' ? await client() : client), isOurs: false };
  const { Cluster, Redis } = await loadIoRedis();
  const options = failFast(settings);
  if (nodes !== undefined) {
    const cluster = new Cluster(
      nodes.map(({ host, port }) => ({ host, port })),
      {
        lazyConnect: true,
        maxRedirections: 2,
        slotsRefreshTimeout: 1_000,
        clusterRetryStrategy: reconnectDelay,
        redisOptions: options,
      },
    );
    return { client: checked(cluster), isOurs: true };
  }
  const single = { ...options, lazyConnect: true, retryStrategy: reconnectDelay };
  const redis = url === undefined ? new Redis(single) : new Redis(url, single);
  return { client: checked(redis), isOurs: true };
}

const reconnectDelay = (times: number): number => Math.min(times * RECONNECT_FIRST_MS, RECONNECT_LONGEST_MS);

/**
 * Nothing waits for a lost server: what is on its way fails with the connection, a connection that says nothing is given
 * up, and nothing is sent again behind our back, since appends must not happen twice.
 */
const failFast = (settings: RedisSettings): ConnectionOptions & { readonly protocol: 2 } => ({
  connectTimeout: settings.connectTimeoutMs,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  socketTimeout: Math.max(1_000, settings.readTimeoutMs + settings.writeTimeoutMs),
  keepAlive: 10_000,
  ...settings.connection,
  protocol: 2,
});

function checked(client: RedisClient): RedisClient {
  if (client.options.keyPrefix) {
    throw new MilongaError(
      'MILONGA_DEFINITION_INVALID',
      `The Redis client has the key prefix "${client.options.keyPrefix}"; give it to the adapter (\`keyPrefix\`), which has to know where keys lie.`,
    );
  }
  return client;
}
