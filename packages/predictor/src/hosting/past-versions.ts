import {
  type AliasEntry,
  type ArtifactStore,
  type Clock,
  MilongaError,
  type ModelDefinition,
  type ModelRegistry,
} from '@milonga/core';
import { LRUCache } from 'lru-cache';
import { HostedVersion } from '../versions/hosted-version.ts';
import { loadVersion } from '../versions/load-version.ts';

/** What {@link PastVersions} works with. */
export interface PastVersionsOptions {
  readonly registry: ModelRegistry;
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  /** Versions kept in memory. A training run asks every model for the version of one moment, then of the next. */
  readonly mostVersions: number;
}

/** Clocks of several machines may differ by so much before a move of the alias is missed. */
const CLOCK_SKEW_MS = 60_000;

interface KnownHistory {
  /** Everything that moved before this moment is in it. */
  readonly until: number;
  readonly moves: Promise<readonly AliasEntry[]>;
}

/** Finds and loads the version of a model that was live at a moment, for predictions as of the past. */
export class PastVersions {
  readonly #options: PastVersionsOptions;
  readonly #loaded: LRUCache<string, Promise<HostedVersion>>;
  readonly #histories = new LRUCache<string, KnownHistory>({ max: 64 });
  #isClosed = false;

  constructor(options: PastVersionsOptions) {
    this.#options = options;
    this.#loaded = new LRUCache<string, Promise<HostedVersion>>({
      max: options.mostVersions,
      dispose: (version) =>
        void version.then(
          (hosted) => hosted.retire(),
          () => {},
        ),
    });
  }

  /**
   * Runs `call` with the version that was live at a moment, Unix ms.
   *
   * @param live The version that is live now, so that it is not loaded a second time.
   * @throws MilongaError `MILONGA_MODEL_NOT_LOADED` when nothing was live then.
   */
  async use<T>(
    definition: ModelDefinition,
    at: number,
    live: () => HostedVersion | undefined,
    call: (hosted: HostedVersion) => Promise<T>,
  ): Promise<T> {
    const version = await this.#versionAt(definition.name, at);
    const current = live();
    if (current?.version === version) return call(current);
    for (;;) {
      const hosted = await this.#version(definition, version);
      if (!hosted.isDisposed) return call(hosted); // else others pushed it out of the cache while this one waited
    }
  }

  async #versionAt(model: string, at: number): Promise<string> {
    const version = (await this.#history(model, at)).findLast(({ movedAt }) => movedAt <= at)?.version;
    if (version !== undefined) return version;
    throw new MilongaError(
      'MILONGA_MODEL_NOT_LOADED',
      `No version of model "${model}" was live at ${Number.isFinite(at) ? new Date(at).toISOString() : at}.`,
    );
  }

  /** What moved before a history was read does not change, so most questions are answered without asking again. */
  #history(model: string, at: number): Promise<readonly AliasEntry[]> {
    const known = this.#histories.get(model);
    if (known !== undefined && at < known.until) return known.moves;
    const until = this.#options.clock.now() - CLOCK_SKEW_MS;
    const moves = this.#options.registry.history(model, 'live');
    const entry = { until, moves };
    this.#histories.set(model, entry);
    moves.catch(() => {
      if (this.#histories.peek(model) === entry) this.#histories.delete(model);
    });
    return moves;
  }

  #version(definition: ModelDefinition, version: string): Promise<HostedVersion> {
    if (this.#isClosed) throw new MilongaError('MILONGA_CLOSED', 'The predictor was closed.');
    const key = `${definition.name}@${version}`;
    let loading = this.#loaded.get(key);
    if (loading === undefined) {
      const started = this.#load(definition, version);
      loading = started;
      this.#loaded.set(key, started);
      started.catch(() => {
        if (this.#loaded.peek(key) === started) this.#loaded.delete(key);
      });
    }
    return loading;
  }

  async #load(definition: ModelDefinition, version: string): Promise<HostedVersion> {
    const { registry, artifacts } = this.#options;
    const manifest = await registry.manifest(definition.name, version);
    if (manifest === undefined) {
      throw new MilongaError(
        'MILONGA_MODEL_VERSION_UNKNOWN',
        `Model "${definition.name}" has no version "${version}".`,
      );
    }
    return new HostedVersion(manifest, (await loadVersion(definition, manifest, artifacts)).loaded);
  }

  close(): void {
    this.#isClosed = true;
    this.#loaded.clear();
  }
}
