import { isArtifactNamePart } from '../artifacts/artifact-name.ts';
import { MilongaError } from '../errors/milonga-error.ts';
import { artifactNames, type ModelManifest } from '../model/manifest.ts';
import type { ArtifactStore } from '../ports/artifact-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { AliasEntry, AliasMove, ModelRegistry, VersionRecord } from '../ports/model-registry.ts';
import { isAliasEntry, isManifest, isVersionRecord } from './entry-checks.ts';
import { jsonBytes, readJsonObject } from './json-object.ts';
import { MoveSignal } from './move-signal.ts';
import { NumberedLog } from './numbered-log.ts';
import { RecentMap } from './recent-map.ts';
import { VersionOrder } from './version-order.ts';

/** What {@link ArtifactModelRegistry} needs. */
export interface ArtifactModelRegistryOptions {
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  /** How often `watch` looks for moves of other processes. Moves of this process are seen at once. Default: 1,000. */
  readonly pollMs?: number;
}

/** Aliases and versions whose logs are known; a forgotten one costs a few requests to find its end again. */
const KNOWN_LOGS = 512;

/**
 * The model registry over any artifact store: it needs nothing but put-if-absent.
 *
 * Every move of an alias is an object of its own, numbered from 1; to move an alias is to create the next number, which
 * one racer only can. The numbers in order are the history. Nothing is ever overwritten, so what was read once is known:
 * asking again where an alias points costs one request, however long its history is.
 *
 * @example
 * ```ts
 * const registry = new ArtifactModelRegistry({ artifacts, clock: systemClock() });
 * const live = await registry.alias('ranker', 'live');
 * ```
 */
export class ArtifactModelRegistry implements ModelRegistry {
  readonly #artifacts: ArtifactStore;
  readonly #clock: Clock;
  readonly #moves: MoveSignal;
  readonly #aliases: RecentMap<NumberedLog<AliasEntry>>;
  readonly #records: RecentMap<NumberedLog<VersionRecord>>;
  readonly #order: VersionOrder;

  constructor({ artifacts, clock, pollMs = 1_000 }: ArtifactModelRegistryOptions) {
    this.#artifacts = artifacts;
    this.#clock = clock;
    this.#moves = new MoveSignal(clock, pollMs);
    this.#order = new VersionOrder(artifacts);
    this.#aliases = new RecentMap(
      KNOWN_LOGS,
      (prefix) => new NumberedLog({ artifacts, prefix, what: 'a move of an alias', isEntry: isAliasEntry }),
    );
    this.#records = new RecentMap(
      KNOWN_LOGS,
      (prefix) => new NumberedLog({ artifacts, prefix, what: 'a record of a version', isEntry: isVersionRecord }),
    );
  }

  async register(manifest: ModelManifest): Promise<void> {
    checkPart('model', manifest.model);
    checkPart('version', manifest.version);
    const name = artifactNames.manifest(manifest.model, manifest.version);
    if (await this.#artifacts.putIfAbsent(name, jsonBytes(manifest))) return;
    throw new MilongaError(
      'MILONGA_ARTIFACT_EXISTS',
      `Model "${manifest.model}" has a version "${manifest.version}" already; versions are immutable.`,
    );
  }

  async manifest(model: string, version: string): Promise<ModelManifest | undefined> {
    checkPart('model', model);
    if (!isArtifactNamePart(version)) return undefined;
    return readJsonObject(
      this.#artifacts,
      artifactNames.manifest(model, version),
      'a manifest of format 1',
      isManifest,
    );
  }

  versions(model: string): Promise<readonly string[]> {
    checkPart('model', model);
    return this.#order.versions(model);
  }

  async alias(model: string, alias: string): Promise<AliasEntry | undefined> {
    return (await this.#aliasLog(model, alias).newest())?.entry;
  }

  async moveAlias({ expectedRevision, ...move }: AliasMove): Promise<AliasEntry> {
    const { model, alias, version } = move;
    if (version !== undefined && (await this.manifest(model, version)) === undefined) {
      throw new MilongaError(
        'MILONGA_MODEL_VERSION_UNKNOWN',
        `Alias "${alias}" cannot move: model "${model}" has no version "${version}".`,
      );
    }
    const log = this.#aliasLog(model, alias);
    const found = (await log.newest())?.number ?? 0;
    const entry = { ...move, revision: expectedRevision + 1, movedAt: this.#clock.now() };
    if (found !== expectedRevision || !(await log.create(entry.revision, entry))) {
      throw new MilongaError(
        'MILONGA_REGISTRY_CONFLICT',
        `Alias "${alias}" of model "${model}" was moved meanwhile: expected revision ${expectedRevision}, found ${(await log.newest())?.number ?? 0}. Read it again, then decide.`,
        { isRetryable: true },
      );
    }
    this.#moves.announce(aliasPrefix(model, alias));
    return entry;
  }

  history(model: string, alias: string): Promise<readonly AliasEntry[]> {
    return this.#aliasLog(model, alias).all();
  }

  async *watch(model: string, alias: string, { signal }: { readonly signal: AbortSignal }): AsyncIterable<AliasEntry> {
    const moves = this.#moves.listen(aliasPrefix(model, alias), signal);
    try {
      for (let seen = 0; !signal.aborted; await moves.next()) {
        const entry = await this.alias(model, alias);
        if (entry === undefined || entry.revision <= seen || signal.aborted) continue;
        seen = entry.revision;
        yield entry;
      }
    } finally {
      moves.end();
    }
  }

  record(entry: VersionRecord): Promise<void> {
    return this.#recordLog(entry.model, entry.version).append(entry);
  }

  records(model: string, version: string): Promise<readonly VersionRecord[]> {
    return this.#recordLog(model, version).all();
  }

  #aliasLog(model: string, alias: string): NumberedLog<AliasEntry> {
    checkPart('model', model);
    checkPart('alias', alias);
    return this.#aliases.get(aliasPrefix(model, alias));
  }

  #recordLog(model: string, version: string): NumberedLog<VersionRecord> {
    checkPart('model', model);
    checkPart('version', version);
    return this.#records.get(`models/${model}/versions/${version}/records/`);
  }
}

const aliasPrefix = (model: string, alias: string): string => `models/${model}/aliases/${alias}/`;

function checkPart(what: string, name: string): void {
  if (isArtifactNamePart(name)) return;
  throw new MilongaError(
    'MILONGA_ARTIFACT_NAME_INVALID',
    `"${name.slice(0, 100)}" cannot be the name of ${what === 'alias' ? 'an' : 'a'} ${what} in the registry: it must be 1 to 200 letters, digits, ".", "_", "=" or "-".`,
  );
}
