import { ArtifactModelRegistry, type ModelManifest, systemClock } from '@milonga/core';
import { testModelRegistry } from '@milonga/testing/conformance';
import { describe, expect, test } from 'vitest';
import { requireService } from '../../../../services/test-services.ts';
import { StorageArtifactStore } from './artifacts/storage-artifact-store.ts';

process.env.METADATA_SERVER_DETECTION ??= 'none'; // the SDK would look for the metadata server of a cloud machine
const address = await requireService('gcs');
const bucket = `registry-${process.pid}-${Date.now()}`;

const open = async (): Promise<ArtifactModelRegistry> => {
  const clientOptions = { projectId: 'test', apiEndpoint: address!.endpoint };
  const artifacts = await StorageArtifactStore.open({ bucket, clientOptions });
  return new ArtifactModelRegistry({ artifacts, clock: systemClock(), pollMs: 50 });
};

const manifest: ModelManifest = {
  format: 1,
  model: 'raced',
  version: 'v1',
  algorithm: 'test',
  runtime: 'test/1',
  createdAt: 0,
  dataFrom: 0,
  dataUntil: 1,
  rows: 1,
  trainMs: 1,
  bytes: 1,
  parameters: {},
  metrics: {},
  gates: [],
  inputs: [],
  outputs: [{ name: 'score', kind: 'float64' }],
  fingerprint: 'f',
  files: [],
  baselineFile: 'baseline.arrow',
  baselineTolerance: 1e-9,
};

describe.skipIf(address === undefined)('a registry over Cloud Storage', () => {
  testModelRegistry('a registry over Cloud Storage', { create: open, another: open });

  test('of 200 promoters in 4 clients one wins each of 5 rounds, and nobody else changes anything', async () => {
    const clients = await Promise.all([open(), open(), open(), open()]);
    await clients[0]!.register(manifest);
    for (let revision = 0; revision < 5; revision += 1) {
      const results = await Promise.allSettled(
        Array.from({ length: 200 }, (_, racer) =>
          clients[racer % 4]!.moveAlias({
            model: 'raced',
            alias: 'live',
            version: 'v1',
            expectedRevision: revision,
            by: `promoter ${racer}`,
            reason: 'a race',
          }),
        ),
      );
      const won = results.filter((result) => result.status === 'fulfilled').map(({ value }) => value);
      expect(won).toHaveLength(1);
      for (const result of results) {
        if (result.status === 'rejected')
          expect(result.reason).toMatchObject({ code: 'MILONGA_REGISTRY_CONFLICT', isRetryable: true });
      }
      for (const client of clients) expect(await client.alias('raced', 'live')).toEqual(won[0]);
    }
    const history = await (await open()).history('raced', 'live');
    expect(history.map((entry) => entry.revision)).toEqual([1, 2, 3, 4, 5]);
  }, 60_000);
});
