import { type ArtifactStore, artifactNames, MilongaError, type ModelManifest } from '@milonga/core';

/**
 * Fetches the files of a version and compares each with its checksum, away from the thread that answers requests.
 *
 * @throws MilongaError `MILONGA_ARTIFACT_MISSING`, `MILONGA_ARTIFACT_CORRUPT`, and what the store throws.
 */
export async function fetchFiles(
  manifest: ModelManifest,
  artifacts: ArtifactStore,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const file of manifest.files) files.set(file.name, await fetchFile(manifest, file, artifacts, signal));
  return files;
}

async function fetchFile(
  { model, version }: ModelManifest,
  file: ModelManifest['files'][number],
  artifacts: ArtifactStore,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const label = `File "${file.name}" of version "${version}" of model "${model}"`;
  const bytes = await artifacts.get(
    artifactNames.file(model, version, file.name),
    signal === undefined ? {} : { signal },
  );
  if (bytes === undefined)
    throw new MilongaError('MILONGA_ARTIFACT_MISSING', `${label} is missing from the artifact store.`);
  const sha256 = await digestOf(bytes);
  if (bytes.byteLength === file.bytes && sha256 === file.sha256) return bytes;
  throw new MilongaError(
    'MILONGA_ARTIFACT_CORRUPT',
    `${label} is corrupt: expected ${file.bytes} bytes with SHA-256 ${file.sha256}, found ${bytes.byteLength} with ${sha256}.`,
  );
}

/** SHA-256 in hexadecimal, computed on the runtime's thread pool: a large file would hold up requests for a second. */
async function digestOf(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Buffer.from(digest).toString('hex');
}
