import {
  type ArtifactStore,
  type LoadedModel,
  MilongaError,
  type ModelDefinition,
  type ModelManifest,
  messageOf,
} from '@milonga/core';
import { fetchFiles } from './fetch-files.ts';

/** A version whose files were checked and brought into memory. */
export interface VersionInMemory {
  readonly manifest: ModelManifest;
  readonly loaded: LoadedModel;
  /** The bytes of the manifest's baseline file. */
  readonly baseline: Uint8Array;
}

/**
 * Fetches the files of a version, compares each with its checksum, and loads them with the runtime of the definition.
 *
 * @throws MilongaError `MILONGA_ARTIFACT_MISSING`, `MILONGA_ARTIFACT_CORRUPT`, `MILONGA_MODEL_INCOMPATIBLE`, and what the
 * artifact store throws.
 * @example
 * ```ts
 * const { loaded } = await loadVersion(ranker, manifest, artifacts);
 * try {
 *   await loaded.predict(rows);
 * } finally {
 *   loaded.dispose();
 * }
 * ```
 */
export async function loadVersion(
  definition: ModelDefinition,
  manifest: ModelManifest,
  artifacts: ArtifactStore,
  signal?: AbortSignal,
): Promise<VersionInMemory> {
  const label = `Version "${manifest.version}" of model "${definition.name}"`;
  checkServable(definition, manifest, label);
  const files = await fetchFiles(manifest, artifacts, signal);
  const baseline = files.get(manifest.baselineFile);
  if (baseline === undefined)
    throw new MilongaError('MILONGA_ARTIFACT_CORRUPT', `${label} has no baseline file "${manifest.baselineFile}".`);
  try {
    return { manifest, baseline, loaded: await definition.runtime.load(manifest, files) };
  } catch (error) {
    if (MilongaError.isInstance(error)) throw error;
    throw new MilongaError('MILONGA_ARTIFACT_CORRUPT', `${label} could not be loaded: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** Before anything is fetched: a version of another definition is not worth its bytes. */
function checkServable(definition: ModelDefinition, manifest: ModelManifest, label: string): void {
  const problem = problemOf(definition, manifest);
  if (problem !== undefined)
    throw new MilongaError('MILONGA_MODEL_INCOMPATIBLE', `${label} ${problem} Train it again.`);
}

function problemOf(definition: ModelDefinition, manifest: ModelManifest): string | undefined {
  if (manifest.runtime !== definition.runtime.name)
    return `needs runtime "${manifest.runtime}"; the definition has "${definition.runtime.name}".`;
  if (manifest.fingerprint !== definition.fingerprint)
    return `was trained for definition ${manifest.fingerprint}; the definition is ${definition.fingerprint} now.`;
  const outputs = new Set(manifest.outputs.map(({ name }) => name));
  const missing = definition.outputs.filter((name) => !outputs.has(name));
  if (missing.length > 0)
    return `gives ${[...outputs].join(', ') || 'no output'}; the definition promises ${missing.join(', ')} too.`;
  return undefined;
}
