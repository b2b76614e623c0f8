import { createHash } from 'node:crypto';
import { type ArtifactStore, artifactNames, type ModelRegistry } from '@milonga/core';
import type { TrainableModel } from '../model/trainable-model.ts';
import type { EarlierVersion } from '../worker/training-task.ts';

/** The live version to compare with, or why there is none. */
export type LiveVersion =
  | { readonly version: EarlierVersion; readonly whyNot?: undefined }
  | { readonly version?: undefined; readonly whyNot: string };

/** Fetches the live version, if it can fairly be compared on a holdout that begins at `holdoutFrom`. */
export async function liveVersion(
  model: TrainableModel,
  holdoutFrom: number,
  artifacts: ArtifactStore,
  registry: ModelRegistry,
): Promise<LiveVersion> {
  const version = (await registry.alias(model.name, 'live'))?.version;
  if (version === undefined) return { whyNot: 'nothing is live.' };
  const manifest = await registry.manifest(model.name, version);
  if (manifest === undefined) return { whyNot: `live version ${version} has no manifest.` };
  if (manifest.fingerprint !== model.fingerprint)
    return { whyNot: `live version ${version} was trained for another definition.` };
  if (manifest.dataUntil > holdoutFrom) return { whyNot: `live version ${version} has seen part of the holdout.` };
  const files = new Map<string, Uint8Array>();
  for (const { name, sha256 } of manifest.files) {
    const bytes = await artifacts.get(artifactNames.file(model.name, version, name));
    if (bytes === undefined || createHash('sha256').update(bytes).digest('hex') !== sha256)
      return { whyNot: `file "${name}" of live version ${version} is ${bytes === undefined ? 'missing' : 'corrupt'}.` };
    files.set(name, bytes);
  }
  return { version: { manifest, files } };
}
