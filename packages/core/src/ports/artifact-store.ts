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
 * - Names are relative paths of `[A-Za-z0-9._/=-]`, at most 1,000 characters and 200 between slashes, without empty parts,
 *   `.` or `..`; others are refused with `MILONGA_ARTIFACT_NAME_INVALID`. A name must not be the folder of another one
 *   (`a` and `a/b`): the one that comes later is refused likewise.
 * - `putIfAbsent` is true for exactly one of any number of racing callers; the others get false and change nothing. True
 *   means durable and whole: a reader sees all the bytes or nothing. It does not keep the array it is given.
 * - `get` resolves to `undefined` when absent; `range` (`end` exclusive) is clipped to the object.
 * - `list` gives the names that begin with `prefix`, a text and not a folder, in ascending byte order. What is put or
 *   removed meanwhile may be there or not; the rest is, once.
 * - `remove` of an absent name does nothing. A removed name is free again.
 * - Errors: `MILONGA_STORAGE_FULL` (retryable), `MILONGA_STORAGE_CORRUPT`, `MILONGA_ARTIFACT_STORE_UNAVAILABLE` (retryable).
 *   Cancelling rejects with `MILONGA_ABORTED`. After close every call rejects with `MILONGA_CLOSED`.
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
