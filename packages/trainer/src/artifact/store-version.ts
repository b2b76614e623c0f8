import { createHash } from 'node:crypto';
import {
  type ArtifactFile,
  type ArtifactStore,
  artifactNames,
  type GateVerdict,
  type ModelColumn,
  type ModelManifest,
  type ModelRegistry,
} from '@milonga/core';
import type { TrainableModel } from '../model/trainable-model.ts';
import { BASELINE_FILE } from './model-files.ts';

/** What a finished run knows of its version, besides the files. */
export interface VersionFacts {
  readonly version: string;
  readonly createdAt: number;
  readonly dataFrom: number;
  readonly dataUntil: number;
  readonly rows: number;
  readonly trainMs: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly gates: readonly GateVerdict[];
}

/** Servers do the same arithmetic in the same order; this is room for another engine's `exp`. */
const BASELINE_TOLERANCE = 1e-6;

/** Bytes of all files together. */
export const totalBytes = (files: ReadonlyMap<string, Uint8Array>): number =>
  [...files.values()].reduce((sum, bytes) => sum + bytes.byteLength, 0);

/**
 * Stores the files, then the manifest with their checksums. The manifest is what makes a version exist, and comes last: a
 * process that dies on the way leaves files that nothing names, which the next run sweeps away.
 */
export async function storeVersion(
  model: TrainableModel,
  files: ReadonlyMap<string, Uint8Array>,
  facts: VersionFacts,
  stores: { readonly artifacts: ArtifactStore; readonly registry: ModelRegistry; readonly signal: AbortSignal },
): Promise<ModelManifest> {
  const { artifacts, registry, signal } = stores;
  for (const [name, bytes] of files)
    await artifacts.putIfAbsent(artifactNames.file(model.name, facts.version, name), bytes, { signal });
  signal.throwIfAborted();
  const manifest: ModelManifest = {
    format: 1,
    model: model.name,
    algorithm: model.algorithm,
    runtime: model.runtime.name,
    ...facts,
    bytes: totalBytes(files),
    parameters: model.training.parameters,
    inputs: Object.entries(model.inputs).map(([name, { kind }]): ModelColumn => ({ name, kind })),
    outputs: model.outputs.map((name): ModelColumn => ({ name, kind: 'float64' })),
    fingerprint: model.fingerprint,
    files: [...files].map(([name, bytes]) => describe(name, bytes)),
    baselineFile: BASELINE_FILE,
    baselineTolerance: BASELINE_TOLERANCE,
  };
  await registry.register(manifest);
  return manifest;
}

const describe = (name: string, bytes: Uint8Array): ArtifactFile => ({
  name,
  bytes: bytes.byteLength,
  sha256: createHash('sha256').update(bytes).digest('hex'),
});
