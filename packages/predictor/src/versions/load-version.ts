import { createHash } from 'node:crypto';
import {
  type ArtifactStore,
  artifactNames,
  type LoadedModel,
  MilongaError,
  type ModelDefinition,
  type ModelManifest,
  messageOf,
} from '@milonga/core';

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
 * @throws MilongaError `MILONGA_ARTIFACT_MISSING`, `MILONGA_ARTIFACT_CORRUPT`, `MILONGA_MODEL_INCOMPATIBLE`.
 */
export async function loadVersion(
  definition: ModelDefinition,
  manifest: ModelManifest,
  artifacts: ArtifactStore,
  signal?: AbortSignal,
): Promise<VersionInMemory> {
  const label = `Version "${manifest.version}" of model "${definition.name}"`;
  if (manifest.runtime !== definition.runtime.name) {
    throw new MilongaError(
      'MILONGA_MODEL_INCOMPATIBLE',
      `${label} needs runtime "${manifest.runtime}"; the definition has "${definition.runtime.name}".`,
    );
  }
  if (manifest.fingerprint !== definition.fingerprint) {
    throw new MilongaError(
      'MILONGA_MODEL_INCOMPATIBLE',
      `${label} was trained for definition ${manifest.fingerprint}; the definition is ${definition.fingerprint} now. Train it again.`,
    );
  }
  const files = new Map<string, Uint8Array>();
  for (const file of manifest.files) files.set(file.name, await fetchFile(manifest, file, artifacts, label, signal));
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

async function fetchFile(
  manifest: ModelManifest,
  file: ModelManifest['files'][number],
  artifacts: ArtifactStore,
  label: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const bytes = await artifacts.get(
    artifactNames.file(manifest.model, manifest.version, file.name),
    signal === undefined ? {} : { signal },
  );
  if (bytes === undefined)
    throw new MilongaError('MILONGA_ARTIFACT_MISSING', `${label} lacks its file "${file.name}".`);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (bytes.byteLength !== file.bytes || sha256 !== file.sha256) {
    throw new MilongaError(
      'MILONGA_ARTIFACT_CORRUPT',
      `File "${file.name}" of ${label} is corrupt: expected ${file.bytes} bytes with SHA-256 ${file.sha256}, found ${bytes.byteLength} with ${sha256}.`,
    );
  }
  return bytes;
}
