import {
  type AliasEntry,
  type ArtifactStore,
  MilongaError,
  type ModelDefinition,
  type ModelRegistry,
} from '@milonga/core';
import { LRUCache } from 'lru-cache';
import { HostedVersion } from '../versions/hosted-version.ts';
import { loadVersion } from '../versions/load-version.ts';

/** Versions of the past that are kept in memory: a training run asks for one or two of each model. */
const MOST_VERSIONS = 4;

/** Finds and loads the version of a model that was live at a moment, for predictions as of the past. */
export class PastVersions {
  readonly #registry: ModelRegistry;
  readonly #artifacts: ArtifactStore;
  readonly #loaded = new LRUCache<string, Promise<HostedVersion>>({
    max: MOST_VERSIONS,
    dispose: (version) =>
      void version.then(
        (hosted) => hosted.retire(),
        () => {},
      ),
  });
  readonly #histories = new LRUCache<string, Promise<readonly AliasEntry[]>>({ max: 64, ttl: 500 });

  constructor(registry: ModelRegistry, artifacts: ArtifactStore) {
    this.#registry = registry;
    this.#artifacts = artifacts;
  }

  /** @throws MilongaError `MILONGA_MODEL_NOT_LOADED` when nothing was live then. */
  async liveAt(definition: ModelDefinition, at: number): Promise<HostedVersion> {
    const model = definition.name;
    let history = this.#histories.get(model);
    if (history === undefined) {
      history = this.#registry.history(model, 'live');
      this.#histories.set(model, history);
      history.catch(() => this.#histories.delete(model));
    }
    const entry = (await history).findLast(({ movedAt }) => movedAt <= at);
    if (entry?.version === undefined) {
      throw new MilongaError(
        'MILONGA_MODEL_NOT_LOADED',
        `No version of model "${model}" was live at ${new Date(at).toISOString()}.`,
      );
    }
    return this.#version(definition, entry.version);
  }

  #version(definition: ModelDefinition, version: string): Promise<HostedVersion> {
    const key = `${definition.name}@${version}`;
    let loading = this.#loaded.get(key);
    if (loading === undefined) {
      loading = this.#load(definition, version);
      this.#loaded.set(key, loading);
      loading.catch(() => this.#loaded.delete(key));
    }
    return loading;
  }

  async #load(definition: ModelDefinition, version: string): Promise<HostedVersion> {
    const manifest = await this.#registry.manifest(definition.name, version);
    if (manifest === undefined) {
      throw new MilongaError(
        'MILONGA_MODEL_VERSION_UNKNOWN',
        `Model "${definition.name}" has no version "${version}".`,
      );
    }
    return new HostedVersion(manifest, (await loadVersion(definition, manifest, this.#artifacts)).loaded);
  }

  close(): void {
    this.#loaded.clear();
  }
}
