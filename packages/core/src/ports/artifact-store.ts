import { type Port, port } from './port.ts';

/** One entry of a listing: what is stored, without its bytes. */
export interface ArtifactInfo {
  /** The whole relative name, prefix included. */
  readonly name: string;
  /** Length of the object. */
  readonly bytes: number;
}

/**
 * Immutable named objects: model files, manifests, registry entries.
 *
 * - Names are relative paths of `[A-Za-z0-9._/=-]`, without empty parts or `..`; others are refused with
 *   `MILONGA_ARTIFACT_NAME_INVALID`.
 * - `putIfAbsent` is true for exactly one of any number of racing callers; the others get false and change nothing. True
 *   means durable and whole: a reader sees all the bytes or nothing.
 * - `get` resolves to `undefined` when absent; `range` is clipped to the object.
 * - `list` gives names in ascending byte order.
 * - `remove` of an absent name does nothing.
 * - A throw is `MILONGA_STORAGE_FULL` or `MILONGA_STORAGE_CORRUPT`. After close every call rejects with `MILONGA_CLOSED`.
 */
export interface ArtifactStore {
  putIfAbsent(name: string, bytes: Uint8Array, options?: { readonly signal?: AbortSignal }): Promise<boolean>;
  get(
    name: string,
    options?: { readonly range?: { readonly start: number; readonly end: number }; readonly signal?: AbortSignal },
  ): Promise<Uint8Array | undefined>;
  list(prefix: string, options?: { readonly signal?: AbortSignal }): AsyncIterable<ArtifactInfo>;
  remove(name: string): Promise<void>;
}
export const ArtifactStore: Port<ArtifactStore> = port<ArtifactStore>('artifact-store/1');
