import {
  testArtifactStore,
  testLake,
  testLease,
  testOfflineStore,
  testOnlineStore,
} from '@milonga/testing/conformance';
import { describe } from 'vitest';
import { MemoryArtifactStore } from '../../src/memory/memory-artifact-store.ts';
import { MemoryLake } from '../../src/memory/memory-lake.ts';
import { MemoryLease } from '../../src/memory/memory-lease.ts';
import { MemoryOfflineStore } from '../../src/memory/memory-offline-store.ts';
import { MemoryOnlineStore } from '../../src/memory/memory-online-store.ts';
import { broken, type Mutation, none } from './broken.ts';
import { brokenArtifactStores } from './broken-artifact-stores.ts';
import { brokenLakes } from './broken-lakes.ts';
import { brokenLeases } from './broken-leases.ts';
import { brokenOfflineStores } from './broken-offline-stores.ts';
import { brokenOnlineStores } from './broken-online-stores.ts';

import { LaggingReplica } from './lagging-replica.ts';

/** Every suite on every mutation of its port, and on none. Not a test file: broken-adapters.test.ts runs it and reads its report. */
const close = (store: object): void | Promise<void> => (store as { close(): void | Promise<void> }).close();
const faultsOf = ({ needsFaults }: Pick<Mutation<object>, 'needsFaults'>) =>
  needsFaults ? { chaos: { seed: 3, deadlineMs: 1_000, rounds: 40 } } : {};
const each = <T>(port: string, mutations: readonly Mutation<T>[], run: (mutation: Mutation<T>) => void): void => {
  for (const mutation of [none, ...mutations]) describe(`${port}: ${mutation.name}`, () => run(mutation));
};

each('OnlineStore', brokenOnlineStores, (mutation) =>
  testOnlineStore('memory', {
    create: (clock) => broken(new MemoryOnlineStore(clock), mutation.change),
    close,
    ...faultsOf(mutation),
  }),
);
describe('OnlineStore: a replica that lags answers', () =>
  testOnlineStore('memory', { create: (clock) => new LaggingReplica(clock, 2), close }));
each('ArtifactStore', brokenArtifactStores, ({ change }) =>
  testArtifactStore('memory', { create: () => broken(new MemoryArtifactStore(), change), close }),
);
each('OfflineStore', brokenOfflineStores, ({ change }) =>
  testOfflineStore('memory', { create: (clock) => broken(new MemoryOfflineStore(clock), change), close }),
);
each('Lease', brokenLeases, ({ change }) =>
  testLease('memory', { create: () => broken(new MemoryLease(), change), close }),
);
each('Lake', brokenLakes, ({ change }) =>
  testLake('memory', { create: async () => broken(await MemoryLake.open(), change), close, hasFiles: false }),
);
