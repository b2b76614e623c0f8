import type { ModelManifest } from '../model/manifest.ts';
import { type Port, port } from './port.ts';

/** Where an alias points, and how it came there. */
export interface AliasEntry {
  readonly model: string;
  readonly alias: string;
  /** `undefined`: the alias was taken away. */
  readonly version: string | undefined;
  /** 1 for the first move of the alias, then 2, and so on: the compare-and-set value. */
  readonly revision: number;
  readonly movedAt: number;
  /** Who or what moved it, such as `train` or `cli`. */
  readonly by: string;
  readonly reason: string;
  /** The move of another alias that this one follows from, such as the naming of the candidate that went live. */
  readonly follows?: AliasRevision;
}

/** One move of an alias, by its number. */
export interface AliasRevision {
  readonly alias: string;
  readonly revision: number;
}

/** Something that happened to a version and should stay on record: a rejected swap, an evaluation, a note. */
export interface VersionRecord {
  readonly model: string;
  readonly version: string;
  readonly kind: 'gate' | 'swap' | 'rollback' | 'note';
  readonly outcome: 'passed' | 'rejected' | 'info';
  readonly reason: string;
  readonly at: number;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** A move of an alias. */
export interface AliasMove {
  readonly model: string;
  readonly alias: string;
  readonly version: string | undefined;
  /** The revision that the caller saw; 0 when the alias did not exist. */
  readonly expectedRevision: number;
  readonly by: string;
  readonly reason: string;
  /** The move of another alias that this one follows from: whoever comes later sees that it was decided on. */
  readonly follows?: AliasRevision;
}

/**
 * Versions of models, the aliases that point at them, and a full history of who moved what when.
 *
 * - `register` is refused with `MILONGA_ARTIFACT_EXISTS` when the version exists.
 * - `moveAlias` is a compare-and-set: of any number of racing callers with the same `expectedRevision` exactly one
 *   succeeds; the others reject with `MILONGA_REGISTRY_CONFLICT` and change nothing.
 * - Reads see every write that was acknowledged before they began.
 * - `watch` yields the current entry first, then every later one at least once in order of revision (it may skip to the
 *   newest), until aborted.
 */
export interface ModelRegistry {
  register(manifest: ModelManifest): Promise<void>;
  manifest(model: string, version: string): Promise<ModelManifest | undefined>;
  /** In order of creation. */
  versions(model: string): Promise<readonly string[]>;
  alias(model: string, alias: string): Promise<AliasEntry | undefined>;
  moveAlias(move: AliasMove): Promise<AliasEntry>;
  /** Every move of an alias, oldest first. */
  history(model: string, alias: string): Promise<readonly AliasEntry[]>;
  watch(model: string, alias: string, options: { readonly signal: AbortSignal }): AsyncIterable<AliasEntry>;
  record(entry: VersionRecord): Promise<void>;
  /** Oldest first. */
  records(model: string, version: string): Promise<readonly VersionRecord[]>;
}
export const ModelRegistry: Port<ModelRegistry> = port<ModelRegistry>('model-registry/1');
