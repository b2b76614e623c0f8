import { join } from 'node:path';
import { local } from '@milonga/adapters-local';
import { OnlineStore } from '@milonga/core';
import { createApp } from '@milonga/core/app';
import { type Database, open } from 'lmdb';
import type { BenchOptions, BenchResult } from './bench-result.ts';
import { measurePair } from './measure-pair.ts';
import { randomBy } from './random.ts';
import { inTemporaryFolder } from './temporary-folder.ts';

const ENTITIES = 20_000;
const READ = 500;
/** Packed bytes of each of an entity's views. */
const VIEWS: Readonly<Record<string, number>> = { activity: 96, history: 240, pair: 24 };
const KEY_SETS = 64;

/**
 * 500 of 20,000 entities read from the embedded online store, all views of each, beside raw gets of the same bytes from
 * LMDB, copied as whoever wants all 500 at once must.
 */
export function benchOnlineRead({ quick }: BenchOptions): Promise<readonly BenchResult[]> {
  return inTemporaryFolder(async (folder) => {
    await using app = createApp([local({ dir: join(folder, 'ours') })]);
    const { store } = await app.resolve({ store: OnlineStore });
    const raw = open<Buffer, string>({
      path: join(folder, 'raw.mdb'),
      noSubdir: true,
      encoding: 'binary',
      noSync: true,
    });
    const keys = await fill(store, raw);
    const columns = Object.keys(VIEWS);
    const { ours, peer } = await measurePair(
      (round) => store.readRows(keys[round % KEY_SETS]!, columns),
      async (round) => keys[round % KEY_SETS]!.map((key) => raw.getBinary(key)),
      quick ? 20 : 3_000,
    );
    await raw.close();
    return [
      {
        name: 'online store, 500 entities',
        unit: 'us',
        ours,
        peer: { name: 'raw LMDB gets', ...peer },
        ratio: ours.p50 / peer.p50,
        budget: 1.2,
      },
    ];
  });
}

/** The same entities in both; gives sets of keys to read. */
async function fill(store: OnlineStore, raw: Database<Buffer, string>): Promise<readonly (readonly string[])[]> {
  const random = randomBy(11);
  const names = Array.from({ length: ENTITIES }, (_, at) => `streamer/${(at * 7919) % 1_000_003}`);
  for (let start = 0; start < ENTITIES; start += 1_000) {
    const rows = names.slice(start, start + 1_000).map((key) => ({ key, columns: valuesOf(random) }));
    await store.writeRows(rows.map((row) => ({ ...row, timeToLive: { ttlMs: 86_400_000 } })));
    raw.transactionSync(() => {
      for (const { key, columns } of rows) void raw.put(key, Buffer.concat(Object.values(columns)));
    });
  }
  return Array.from({ length: KEY_SETS }, () =>
    Array.from({ length: READ }, () => names[Math.floor(random() * ENTITIES)]!),
  );
}

const valuesOf = (random: () => number): Record<string, Uint8Array> =>
  Object.fromEntries(
    Object.entries(VIEWS).map(([name, bytes]) => [name, Uint8Array.from({ length: bytes }, () => random() * 256)]),
  );
