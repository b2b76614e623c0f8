import { artifactNames } from '../model/manifest.ts';
import type { ArtifactStore } from '../ports/artifact-store.ts';
import { isManifest } from './entry-checks.ts';
import { readJsonObject } from './json-object.ts';

const READ_AT_ONCE = 16;
/** Moments of creation that are remembered; beyond, the manifests of a model are read again. */
const MOST_KNOWN = 10_000;

/** The versions of models in order of their creation. A manifest is read once: it never changes. */
export class VersionOrder {
  readonly #artifacts: ArtifactStore;
  /** By name of the manifest. */
  readonly #createdAt = new Map<string, number>();

  constructor(artifacts: ArtifactStore) {
    this.#artifacts = artifacts;
  }

  async versions(model: string): Promise<readonly string[]> {
    const versions = await this.#listed(model);
    const unknown = versions.filter((version) => !this.#createdAt.has(artifactNames.manifest(model, version)));
    if (this.#createdAt.size + unknown.length > MOST_KNOWN) this.#createdAt.clear();
    const created: { readonly version: string; readonly at: number }[] = [];
    for (let start = 0; start < versions.length; start += READ_AT_ONCE) {
      const some = versions.slice(start, start + READ_AT_ONCE);
      const times = await Promise.all(some.map((version) => this.#timeOf(artifactNames.manifest(model, version))));
      some.forEach((version, at) => {
        const time = times[at];
        if (time !== undefined) created.push({ version, at: time });
      });
    }
    created.sort((left, right) => left.at - right.at || (left.version < right.version ? -1 : 1));
    return created.map(({ version }) => version);
  }

  /** A version is there once its manifest is. Its files may have names of any kind, also that of a manifest. */
  async #listed(model: string): Promise<readonly string[]> {
    const prefix = `models/${model}/versions/`;
    const versions: string[] = [];
    for await (const { name } of this.#artifacts.list(prefix)) {
      const [version, file, ...rest] = name.slice(prefix.length).split('/');
      if (version !== undefined && file === 'manifest.json' && rest.length === 0) versions.push(version);
    }
    return versions;
  }

  async #timeOf(name: string): Promise<number | undefined> {
    const known = this.#createdAt.get(name);
    if (known !== undefined) return known;
    const manifest = await readJsonObject(this.#artifacts, name, 'a manifest of format 1', isManifest);
    if (manifest !== undefined) this.#createdAt.set(name, manifest.createdAt);
    return manifest?.createdAt;
  }
}
