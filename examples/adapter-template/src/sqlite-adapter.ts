import { ArtifactStore, Clock, OnlineStore } from '@milonga/core';
import { type Adapter, defineAdapter, provide } from '@milonga/core/app';
import { SqliteArtifactStore } from './artifacts/sqlite-artifact-store.ts';
import { SharedDatabase } from './client/shared-database.ts';
import { SqliteOnlineStore } from './online/sqlite-online-store.ts';
import type { SqliteOptions } from './sqlite-options.ts';

/**
 * Features and artifacts in one SQLite file. Nothing is opened before the first port is needed.
 *
 * @example
 * ```ts
 * await using app = createApp([local({ dir: '.milonga' }), sqlite({ file: 'shop.db' })]);
 * const { online } = await app.resolve({ online: OnlineStore });
 * ```
 */
export function sqlite(options: SqliteOptions = {}): Adapter {
  const shared = new SharedDatabase(options);
  return defineAdapter('sqlite', [
    provide(OnlineStore, {
      needs: [Clock],
      create: async (clock) => new SqliteOnlineStore(await shared.take(), clock),
      dispose: (store) => (store as SqliteOnlineStore).close(),
    }),
    provide(ArtifactStore, {
      create: async () => new SqliteArtifactStore(await shared.take()),
      dispose: (store) => (store as SqliteArtifactStore).close(),
    }),
  ]);
}
