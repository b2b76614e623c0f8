import { join } from 'node:path';
import { local } from '@milonga/adapters-local';
import { Collector, defineRecommender, FeatureReader, OnlineStore } from '@milonga/core';
import { createApp, defineAdapter, provide } from '@milonga/core/app';
import { startRecommender } from '@milonga/service';
import { open } from 'lmdb';
import type { BenchOptions, BenchResult } from './bench-result.ts';
import { collectAll } from './collect-all.ts';
import { activity, audience, gift, giftsOf } from './gifts.ts';
import { measurePair } from './measure-pair.ts';
import { randomBy } from './random.ts';
import { RecordingOnlineStore } from './recording-online-store.ts';
import { inTemporaryFolder } from './temporary-folder.ts';

const STREAMERS = 5_000;
const READ = 500;
const KEY_SETS = 64;
const logging = { level: 'warn' } as const;

/**
 * The features of 500 of 5,000 entities, two views with six features, read from the embedded online store and decoded into
 * columns; beside raw gets of the same bytes from LMDB, which are not decoded.
 */
export function benchFeatureRead({ quick }: BenchOptions): Promise<readonly BenchResult[]> {
  return inTemporaryFolder(async (folder) => {
    const adapters = [local({ dir: join(folder, 'ours') })];
    await using app = createApp(adapters);
    const store = new RecordingOnlineStore((await app.resolve({ store: OnlineStore })).store);
    const recording = defineAdapter('recording', [provide(OnlineStore, { create: () => store })]);
    const views = [activity, audience] as const;
    const running = await startRecommender(defineRecommender({ name: 'bench', adapters, events: [gift], views }), {
      http: false,
      logging,
      adapters: [recording],
    });
    const gifts = giftsOf(quick ? 2_000 : 50_000, STREAMERS, Date.now());
    await collectAll(await running.get(Collector), gifts);
    await running.settle();
    const reader = await running.get(FeatureReader);
    const raw = open<Buffer, string>({
      path: join(folder, 'raw.mdb'),
      noSubdir: true,
      encoding: 'binary',
      noSync: true,
    });
    raw.transactionSync(() => {
      for (const [key, columns] of store.rows) void raw.put(key, Buffer.concat(Object.values(columns)));
    });
    const random = randomBy(5);
    const pick = <T>(all: readonly T[]): readonly T[] =>
      Array.from({ length: READ }, () => all[Math.floor(random() * all.length)]!);
    const ids = [...new Set(gifts.map(({ payload }) => (payload as { readonly streamerId: string }).streamerId))];
    const idSets = Array.from({ length: KEY_SETS }, () => pick(ids));
    const known = [...store.rows.keys()];
    const keySets = Array.from({ length: KEY_SETS }, () => pick(known));
    const { ours, peer } = await measurePair(
      (round) => reader.read({ views, keys: [idSets[round % KEY_SETS]!] }, { at: Date.now() }),
      async (round) => keySets[round % KEY_SETS]!.map((key) => raw.getBinary(key)),
      quick ? 20 : 2_000,
    );
    await raw.close();
    await running.stop();
    return [
      {
        name: 'features of 500 entities, two views, decoded',
        unit: 'us',
        ours,
        peer: { name: 'raw LMDB gets, not decoded', ...peer },
        ratio: ours.p50 / peer.p50,
      },
    ];
  });
}
