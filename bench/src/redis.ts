import { redis } from '@milonga/adapters-redis';
import { OnlineStore } from '@milonga/core';
import { createApp } from '@milonga/core/app';
import calculateSlot from 'cluster-key-slot';
import { Cluster } from 'ioredis';
import { serviceAddress } from '../../services/addresses.ts';
import type { BenchOptions, BenchResult } from './bench-result.ts';
import { measurePair } from './measure-pair.ts';
import { randomBy } from './random.ts';

const ENTITIES = 10_000;
const KEY_SETS = 64;
const SHARD_BYTES = 64 * 1024;
const timeToLive = { ttlMs: 600_000 };

/** A way that entities are read: how many at once, and the packed bytes of each of their views. */
interface Reading {
  readonly name: string;
  readonly entities: number;
  readonly views: Readonly<Record<string, number>>;
}

const READINGS: readonly Reading[] = [
  {
    name: 'Redis Cluster, 100 entities, 50 features in five views',
    entities: 100,
    views: { activity: 80, audience: 80, history: 80, prices: 80, quality: 80 },
  },
  { name: 'Redis Cluster, 500 entities, three views', entities: 500, views: { activity: 96, history: 240, pair: 24 } },
];

/**
 * Rows and pool shards from a Redis Cluster, beside code written by hand over ioredis that reads the same bytes as one value
 * each, by one pipeline for each node, and leaves them as they are.
 */
export async function benchRedis({ quick }: BenchOptions): Promise<readonly BenchResult[]> {
  const address = await serviceAddress('redis-cluster');
  if (address === undefined) throw new Error('redis-cluster is not up.');
  const keyPrefix = `bench-${process.pid}-${Date.now().toString(36)}:`;
  const limits = { readTimeoutMs: 10_000, writeTimeoutMs: 10_000, connectTimeoutMs: 10_000 };
  await using app = createApp([redis({ nodes: address.nodes, keyPrefix, ...limits })]);
  const { store } = await app.resolve({ store: OnlineStore });
  const cluster = new Cluster([...address.nodes], { redisOptions: { protocol: 2 } });
  try {
    if (cluster.status !== 'ready') await new Promise((resolve) => cluster.once('ready', resolve));
    const results: BenchResult[] = [];
    for (const reading of READINGS) results.push(await benchReading(reading, store, cluster, keyPrefix, quick));
    return [...results, await benchShard(store, cluster, keyPrefix, quick)];
  } finally {
    cluster.disconnect();
  }
}

async function benchReading(
  { name, entities, views }: Reading,
  store: OnlineStore,
  cluster: Cluster,
  prefix: string,
  quick: boolean,
): Promise<BenchResult> {
  const random = randomBy(13);
  const names = Array.from({ length: quick ? 1_000 : ENTITIES }, (_, at) => `${entities}/${(at * 7919) % 1_000_003}`);
  const rows = names.map((key) => ({ key, columns: valuesOf(views, random), timeToLive }));
  await store.writeRows(rows);
  await setAll(
    cluster,
    new Map(rows.map(({ key, columns }) => [`${prefix}raw:${key}`, Buffer.concat(Object.values(columns))])),
  );
  const sets = Array.from({ length: KEY_SETS }, () =>
    Array.from({ length: entities }, () => names[Math.floor(random() * names.length)]!),
  );
  const rawSets = sets.map((keys) => keys.map((key) => `${prefix}raw:${key}`));
  const columns = Object.keys(views);
  checkSame(await store.readRows(sets[0]!, columns), await getAll(cluster, rawSets[0]!));
  const { ours, peer } = await measurePair(
    (round) => store.readRows(sets[round % KEY_SETS]!, columns),
    (round) => getAll(cluster, rawSets[round % KEY_SETS]!),
    quick ? 20 : 1_000,
  );
  const peerName = 'ioredis by hand, one value an entity';
  return { name, unit: 'us', ours, peer: { name: peerName, ...peer }, ratio: ours.p50 / peer.p50, budget: 1.2 };
}

async function benchShard(store: OnlineStore, cluster: Cluster, prefix: string, quick: boolean): Promise<BenchResult> {
  const ids = valuesOf({ ids: SHARD_BYTES }, randomBy(17));
  await store.writeRows([{ key: 'pool/0', columns: ids, timeToLive }]);
  await setAll(cluster, new Map([[`${prefix}raw:pool/0`, Buffer.from(ids.ids!)]]));
  checkSame(await store.readRows(['pool/0'], ['ids']), [await cluster.getBuffer(`${prefix}raw:pool/0`)]);
  const { ours, peer } = await measurePair(
    () => store.readRows(['pool/0'], ['ids']),
    () => cluster.getBuffer(`${prefix}raw:pool/0`),
    quick ? 20 : 5_000,
  );
  return {
    name: 'Redis Cluster, a pool shard of 64 KiB',
    unit: 'us',
    ours,
    peer: { name: 'a raw GET', ...peer },
    ratio: ours.p50 / peer.p50,
    budget: 1.2,
  };
}

/** What one writes who knows that a pipeline must stay with one node. */
async function getAll(cluster: Cluster, keys: readonly string[]): Promise<readonly (Buffer | null)[]> {
  const groups = new Map<string, number[]>();
  keys.forEach((key, at) => {
    const node = cluster.slots[calculateSlot(key)]![0]!;
    const group = groups.get(node);
    if (group === undefined) groups.set(node, [at]);
    else group.push(at);
  });
  const values: (Buffer | null)[] = new Array(keys.length);
  await Promise.all(
    Array.from(groups.values(), async (group) => {
      const pipeline = cluster.pipeline();
      for (const at of group) pipeline.getBuffer(keys[at]!);
      const results = (await pipeline.exec())!;
      group.forEach((at, i) => {
        const [error, value] = results[i]!;
        if (error !== null) throw error;
        values[at] = value as Buffer | null;
      });
    }),
  );
  return values;
}

async function setAll(cluster: Cluster, values: ReadonlyMap<string, Buffer>): Promise<void> {
  const entries = [...values];
  for (let at = 0; at < entries.length; at += 500) {
    const some = entries.slice(at, at + 500);
    await Promise.all(some.map(([key, value]) => cluster.set(key, value, 'PX', timeToLive.ttlMs)));
  }
}

function checkSame(
  rows: readonly (readonly (Uint8Array | undefined)[] | undefined)[],
  values: readonly (Buffer | null)[],
): void {
  rows.forEach((row, at) => {
    if (row === undefined || !Buffer.concat(row.map((value) => value!)).equals(values[at]!))
      throw new Error(`Row ${at} of the online store is not what was written by hand.`);
  });
}

const valuesOf = (views: Readonly<Record<string, number>>, random: () => number): Record<string, Uint8Array> =>
  Object.fromEntries(
    Object.entries(views).map(([name, bytes]) => [name, Uint8Array.from({ length: bytes }, () => random() * 256)]),
  );
