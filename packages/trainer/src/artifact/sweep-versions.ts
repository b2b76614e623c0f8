import { type ArtifactStore, artifactNames, type ModelRegistry } from '@milonga/core';

const ALIASES = ['live', 'candidate'] as const;
/** Versions that were live last are kept, to go back to. */
const LAST_LIVE = 2;

/**
 * Removes the files of versions that nobody will ask for: those that a run left behind without a manifest, and those older
 * than the newest `keep`, unless an alias names them or they were live last. Manifests and records stay: history is small.
 *
 * Call it while holding the lease of the model, or a version that is being stored will be swept away.
 *
 * @returns the versions whose files were removed.
 */
export async function sweepVersions(
  model: string,
  keep: number,
  artifacts: ArtifactStore,
  registry: ModelRegistry,
): Promise<readonly string[]> {
  const files = await filesByVersion(model, artifacts);
  const versions = await registry.versions(model);
  const wanted = new Set(versions.slice(-keep));
  for (const alias of ALIASES) {
    const version = (await registry.alias(model, alias))?.version;
    if (version !== undefined) wanted.add(version);
  }
  const lives = (await registry.history(model, 'live')).flatMap(({ version }) => version ?? []);
  for (const version of [...new Set(lives.reverse())].slice(0, LAST_LIVE)) wanted.add(version);
  const removed: string[] = [];
  for (const [version, names] of files) {
    if (wanted.has(version)) continue;
    for (const name of names) await artifacts.remove(name);
    removed.push(version);
  }
  return removed;
}

async function filesByVersion(
  model: string,
  artifacts: ArtifactStore,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const marker = artifactNames.file(model, '\n', '');
  const [prefix, suffix] = marker.split('\n') as [string, string];
  const found = new Map<string, string[]>();
  for await (const { name } of artifacts.list(prefix)) {
    const end = name.indexOf(suffix, prefix.length);
    if (end < 0) continue;
    const version = name.slice(prefix.length, end);
    found.set(version, [...(found.get(version) ?? []), name]);
  }
  return found;
}
