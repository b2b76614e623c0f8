import type { Frame } from '../frame/index.ts';
import type { ModelManifest } from './manifest.ts';

/** A version in memory. */
export interface LoadedModel {
  /** One number per row and output, in order. Must not keep the frame. Synchronous or not. */
  predict(rows: Frame): Readonly<Record<string, Float64Array>> | Promise<Readonly<Record<string, Float64Array>>>;
  /** The best `limit` items of each row, best first; absent for models that only score. */
  retrieve?(
    rows: Frame,
    limit: number,
  ): { readonly offsets: Int32Array; readonly ids: readonly string[]; readonly scores: Float64Array };
  /** Memory held, in bytes. */
  readonly bytes: number;
  /** Gives the memory back; the object is not used afterwards. */
  dispose(): void;
}

/** Knows how to bring the files of a version into memory. One for each kind of artifact. */
export interface ModelRuntime {
  /** As in the manifest: `milonga/item-knn/1`. */
  readonly name: string;
  /** @throws MilongaError `MILONGA_ARTIFACT_CORRUPT` when the files do not make sense together. */
  load(manifest: ModelManifest, files: ReadonlyMap<string, Uint8Array>): Promise<LoadedModel>;
}
