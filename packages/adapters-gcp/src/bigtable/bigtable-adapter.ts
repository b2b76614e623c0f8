import { Clock, OfflineStore } from '@milonga/core';
import { type Adapter, defineAdapter, provide } from '@milonga/core/app';
import type { BigtableAdapterOptions } from './bigtable-options.ts';
import { BigtableOfflineStore } from './offline/bigtable-offline-store.ts';

/**
 * The offline store on Google Cloud Bigtable.
 *
 * @throws MilongaError `MILONGA_WIRING_CREATE_FAILED` when created where `@google-cloud/bigtable` is not installed.
 * @example
 * ```ts
 * await using app = createApp([local({ dir: '.milonga' }), bigtable({ instance: 'recommender' })]);
 * const { store } = await app.resolve({ store: OfflineStore });
 * ```
 */
export function bigtable(options: BigtableAdapterOptions): Adapter {
  return defineAdapter('bigtable', [
    provide(OfflineStore, {
      needs: [Clock],
      create: (clock) => BigtableOfflineStore.open(options, clock),
      dispose: (store) => (store as BigtableOfflineStore).close(),
    }),
  ]);
}
