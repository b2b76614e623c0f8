import { ArtifactStore } from '@milonga/core';
import { type Adapter, defineAdapter, provide } from '@milonga/core/app';
import { StorageArtifactStore } from './artifacts/storage-artifact-store.ts';
import type { StorageAdapterOptions } from './storage-options.ts';

/**
 * The artifact store on Google Cloud Storage: model files, manifests and the entries of the model registry.
 *
 * @throws MilongaError `MILONGA_WIRING_CREATE_FAILED` when created where `@google-cloud/storage` is not installed.
 * @example
 * ```ts
 * await using app = createApp([local({ dir: '.milonga' }), storage({ bucket: 'recommender-models' })]);
 * const { artifacts } = await app.resolve({ artifacts: ArtifactStore });
 * ```
 */
export function storage(options: StorageAdapterOptions): Adapter {
  return defineAdapter('storage', [
    provide(ArtifactStore, {
      create: () => StorageArtifactStore.open(options),
      dispose: (store) => (store as StorageArtifactStore).close(),
    }),
  ]);
}
