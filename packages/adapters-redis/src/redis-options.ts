import { MilongaError } from '@milonga/core';
import type { Cluster, Redis, RedisOptions } from 'ioredis';

/** Where Redis is and how {@link redis} uses it. One of `url`, `nodes` and `client`; without any, `redis://127.0.0.1:6379`. */
export interface RedisAdapterOptions {
  /** One Redis: `redis://` or, over TLS, `rediss://`. */
  readonly url?: string;
  /** Some nodes of a Redis Cluster; the others are found through them. */
  readonly nodes?: readonly { readonly host: string; readonly port: number }[];
  /** A client of your own, or what makes one. It keeps its settings, and is never closed by the adapter. */
  readonly client?: RedisClient | (() => RedisClient | Promise<RedisClient>);
  /** Credentials, TLS, Sentinel and whatever else ioredis takes for a connection; for every node of a cluster. */
  readonly connection?: ConnectionOptions;
  /** Before every key; no braces in it. Default: 'milonga:'. */
  readonly keyPrefix?: string;
  /**
   * Who answers reads. Replicas lag behind their master, so a read may miss the newest write; where a replica fails, its
   * siblings and then the master answer. Only for a cluster. Default: 'master'.
   */
  readonly readFrom?: 'master' | 'replica';
  /** How long a round trip of a read may take. Default: 150. */
  readonly readTimeoutMs?: number;
  /** How long a round trip of a write, or of a lease, may take. Default: 1,000. */
  readonly writeTimeoutMs?: number;
  /**
   * Replicas that must have a row or a list before its write is done; with fewer in time the write fails, retryably. Without,
   * what a master acknowledged in its last milliseconds is lost with it. Default: 0.
   */
  readonly writeReplicas?: number;
  /** How long the first connection may take; calls wait for it that long. Default: 2,000. */
  readonly connectTimeoutMs?: number;
  /** Keeps rows that were read in this process until the server says that they changed. Default: no cache. */
  readonly cache?: RowCacheOptions;
}

/** What ioredis takes for a connection, without what the adapter decides. */
export type ConnectionOptions = Omit<
  RedisOptions,
  'keyPrefix' | 'protocol' | 'replyMapping' | 'himportFieldsets' | 'scripts'
>;

/** How rows are kept in the process. */
export interface RowCacheOptions {
  /** Bytes of rows at most; the row that was not asked for the longest leaves first. Default: 64 MiB. */
  readonly maxBytes?: number;
  /** How long a row may be kept, whatever the server says or fails to say. Default: 10,000. */
  readonly maxAgeMs?: number;
}

/** A client of ioredis: of one Redis, or of a cluster. */
export type RedisClient = Redis | Cluster;

/** Options with their defaults. */
export interface RedisSettings extends Required<Omit<RedisAdapterOptions, 'url' | 'nodes' | 'client' | 'cache'>> {
  readonly place: Pick<RedisAdapterOptions, 'url' | 'nodes' | 'client'>;
  readonly cache: Required<RowCacheOptions> | undefined;
}

export function settingsOf(options: RedisAdapterOptions): RedisSettings {
  const { url, nodes, client, cache } = options;
  const settings: RedisSettings = {
    place: {
      ...(url === undefined ? {} : { url }),
      ...(nodes === undefined ? {} : { nodes }),
      ...(client === undefined ? {} : { client }),
    },
    connection: options.connection ?? {},
    keyPrefix: options.keyPrefix ?? 'milonga:',
    readFrom: options.readFrom ?? 'master',
    readTimeoutMs: options.readTimeoutMs ?? 150,
    writeTimeoutMs: options.writeTimeoutMs ?? 1_000,
    writeReplicas: options.writeReplicas ?? 0,
    connectTimeoutMs: options.connectTimeoutMs ?? 2_000,
    cache: cache && { maxBytes: cache.maxBytes ?? 64 * 1024 * 1024, maxAgeMs: cache.maxAgeMs ?? 10_000 },
  };
  check(settings);
  return settings;
}

function check(settings: RedisSettings): void {
  const places = Object.keys(settings.place);
  if (places.length > 1) throw invalid(`\`${places.join('` and `')}\` were given; give one of them.`);
  if (settings.place.nodes?.length === 0) throw invalid('`nodes` is empty; give at least one node of the cluster.');
  if (/[{}]/.test(settings.keyPrefix))
    throw invalid(
      `\`keyPrefix\` must not have braces, which decide the place of a key; found "${settings.keyPrefix}".`,
    );
  if (settings.readFrom !== 'master' && settings.readFrom !== 'replica')
    throw invalid(`\`readFrom\` must be 'master' or 'replica'; found ${JSON.stringify(settings.readFrom)}.`);
  if (!(Number.isInteger(settings.writeReplicas) && settings.writeReplicas >= 0))
    throw invalid(`\`writeReplicas\` must be a whole number from 0; found ${settings.writeReplicas}.`);
  const numbers = { ...settings, ...settings.cache };
  for (const name of ['readTimeoutMs', 'writeTimeoutMs', 'connectTimeoutMs', 'maxBytes', 'maxAgeMs'] as const) {
    const value = numbers[name];
    if (value !== undefined && !(Number.isFinite(value) && value > 0))
      throw invalid(`\`${name}\` must be a finite number above 0; found ${value}.`);
  }
}

const invalid = (what: string): MilongaError =>
  new MilongaError('MILONGA_DEFINITION_INVALID', `Options of the Redis adapter: ${what}`);
