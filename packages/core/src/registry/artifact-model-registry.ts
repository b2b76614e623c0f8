import { MilongaError } from '../errors/milonga-error.ts';
import { artifactNames, type ModelManifest } from '../model/manifest.ts';
import type { ArtifactStore } from '../ports/artifact-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { AliasEntry, AliasMove, ModelRegistry, VersionRecord } from '../ports/model-registry.ts';

/** What {@link ArtifactModelRegistry} needs. */
export interface ArtifactModelRegistryOptions {
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  /** How often `watch` looks for moves of other processes. Moves of this process are seen at once. Default: 1,000. */
  readonly pollMs?: number;
}

/**
 * The model registry over any artifact store: it needs nothing but put-if-absent.
 *
 * Every move of an alias is an object of its own, numbered from 1; to move an alias is to create the next number, which
 * one racer only can. The numbers in order are the history. Nothing is ever overwritten.
 */
export class ArtifactModelRegistry implements ModelRegistry {
  readonly #artifacts: ArtifactStore;
  readonly #clock: Clock;
  readonly #pollMs: number;
  readonly #wakers = new Set<() => void>();

  constructor(options: ArtifactModelRegistryOptions) {
    this.#artifacts = options.artifacts;
    this.#clock = options.clock;
    this.#pollMs = options.pollMs ?? 1_000;
  }

  async register(manifest: ModelManifest): Promise<void> {
    const name = artifactNames.manifest(manifest.model, manifest.version);
    if (!(await this.#artifacts.putIfAbsent(name, encode(manifest)))) {
      throw new MilongaError(
        'MILONGA_ARTIFACT_EXISTS',
        `Model "${manifest.model}" has a version "${manifest.version}" already; versions are immutable.`,
      );
    }
  }

  manifest(model: string, version: string): Promise<ModelManifest | undefined> {
    return this.#read<ModelManifest>(artifactNames.manifest(model, version));
  }

  async versions(model: string): Promise<readonly string[]> {
    const manifests: ModelManifest[] = [];
    for (const name of await this.#names(`models/${model}/versions/`)) {
      if (!name.endsWith('/manifest.json')) continue;
      const manifest = await this.#read<ModelManifest>(name);
      if (manifest !== undefined) manifests.push(manifest);
    }
    manifests.sort((left, right) => left.createdAt - right.createdAt || (left.version < right.version ? -1 : 1));
    return manifests.map((manifest) => manifest.version);
  }

  async alias(model: string, alias: string): Promise<AliasEntry | undefined> {
    const names = await this.#names(aliasPrefix(model, alias));
    const newest = names.at(-1);
    return newest === undefined ? undefined : this.#read<AliasEntry>(newest);
  }

  async moveAlias(move: AliasMove): Promise<AliasEntry> {
    const { model, alias, version, expectedRevision, by, reason } = move;
    if (version !== undefined && (await this.manifest(model, version)) === undefined) {
      throw new MilongaError(
        'MILONGA_MODEL_VERSION_UNKNOWN',
        `Alias "${alias}" cannot move: model "${model}" has no version "${version}".`,
      );
    }
    const current = await this.alias(model, alias);
    const entry = { model, alias, version, revision: expectedRevision + 1, movedAt: this.#clock.now(), by, reason };
    const isNext = (current?.revision ?? 0) === expectedRevision;
    if (!isNext || !(await this.#artifacts.putIfAbsent(aliasName(model, alias, entry.revision), encode(entry)))) {
      throw new MilongaError(
        'MILONGA_REGISTRY_CONFLICT',
        `Alias "${alias}" of model "${model}" was moved meanwhile: expected revision ${expectedRevision}, found ${(await this.alias(model, alias))?.revision ?? 0}.`,
        { isRetryable: true },
      );
    }
    for (const wake of this.#wakers) wake();
    return entry;
  }

  async history(model: string, alias: string): Promise<readonly AliasEntry[]> {
    const entries: AliasEntry[] = [];
    for (const name of await this.#names(aliasPrefix(model, alias))) {
      const entry = await this.#read<AliasEntry>(name);
      if (entry !== undefined) entries.push(entry);
    }
    return entries;
  }

  async *watch(model: string, alias: string, { signal }: { readonly signal: AbortSignal }): AsyncIterable<AliasEntry> {
    let seen = 0;
    while (!signal.aborted) {
      const moved = this.#nextMove(signal);
      const entry = await this.alias(model, alias);
      if (entry !== undefined && entry.revision > seen) {
        seen = entry.revision;
        yield entry;
      } else {
        await moved;
      }
    }
  }

  /** Resolves at the next move made through this object, at the next poll, or when aborted. */
  #nextMove(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const sleeping = new AbortController();
      const done = (): void => {
        this.#wakers.delete(done);
        signal.removeEventListener('abort', done);
        sleeping.abort();
        resolve();
      };
      this.#wakers.add(done);
      signal.addEventListener('abort', done);
      this.#clock.sleep(this.#pollMs, sleeping.signal).then(done, () => {});
    });
  }

  async record(entry: VersionRecord): Promise<void> {
    const prefix = recordPrefix(entry.model, entry.version);
    for (let next = (await this.#names(prefix)).length + 1; ; next += 1) {
      if (await this.#artifacts.putIfAbsent(`${prefix}${number(next)}.json`, encode(entry))) return;
    }
  }

  async records(model: string, version: string): Promise<readonly VersionRecord[]> {
    const records: VersionRecord[] = [];
    for (const name of await this.#names(recordPrefix(model, version))) {
      const record = await this.#read<VersionRecord>(name);
      if (record !== undefined) records.push(record);
    }
    return records;
  }

  async #names(prefix: string): Promise<readonly string[]> {
    const names: string[] = [];
    for await (const { name } of this.#artifacts.list(prefix)) names.push(name);
    return names;
  }

  async #read<T>(name: string): Promise<T | undefined> {
    const bytes = await this.#artifacts.get(name);
    if (bytes === undefined) return undefined;
    try {
      return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as T;
    } catch (cause) {
      throw new MilongaError('MILONGA_ARTIFACT_CORRUPT', `"${name}" in the artifact store is not JSON.`, { cause });
    }
  }
}

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
/** Fixed width, so that the order of names is the order of numbers. */
const number = (value: number): string => String(value).padStart(8, '0');
const aliasPrefix = (model: string, alias: string): string => `models/${model}/aliases/${alias}/`;
const aliasName = (model: string, alias: string, revision: number): string =>
  `${aliasPrefix(model, alias)}${number(revision)}.json`;
const recordPrefix = (model: string, version: string): string => `models/${model}/versions/${version}/records/`;
