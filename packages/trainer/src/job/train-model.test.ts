import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { local } from '@milonga/adapters-local';
import {
  ArtifactStore,
  artifactNames,
  Clock,
  days,
  event,
  Frame,
  Lake,
  Lease,
  lakeTableOf,
  ModelRegistry,
  type Ports,
  string,
  type TrainingProgress,
} from '@milonga/core';
import { type App, createApp, defineAdapter, provide } from '@milonga/core/app';
import { SimulatedShop, testClock } from '@milonga/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { duration, floor, regression, size } from '../gate/built-in-gates.ts';
import { itemKnn } from '../item-knn/item-knn.ts';
import type { ItemKnnOptions } from '../item-knn/item-knn-options.ts';
import { runTask } from '../worker/run-task.ts';
import { runInWorker } from './run-in-worker.ts';
import { RUN_NEEDS, type TrainModelOptions, trainModel } from './train-model.ts';

const START = Date.UTC(2025, 0, 1);
const purchase = event('purchase', { customerId: string(), stockCode: string(), invoice: string() });
const clock = testClock({ now: START + days(150).ms });

let app: App;
let ports: Ports;
let dir: string;
let models = 0;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'milonga-trainer-'));
  app = createApp([local({ dir }), defineAdapter('test', [provide(Clock, { create: () => clock })])]);
  ports = await app.ports([...RUN_NEEDS, Lake]);
  await fillLake(ports.get(Lake));
});
afterAll(async () => {
  await app.close();
  await rm(dir, { recursive: true });
});

async function fillLake(lake: Lake): Promise<void> {
  const table = lakeTableOf(purchase);
  await lake.ensureTables([table]);
  const visits = [...new SimulatedShop({ seed: 2, customers: 120, items: 150, days: 150, startAt: START }).visits()];
  const rows = visits.flatMap(({ at, customer, invoice, items }) =>
    items.map((stockCode) => ({ eventAt: at, ingestedAt: at, customerId: customer, stockCode, invoice })),
  );
  const numbered = rows.map((row, offset) => ({ id: `p${offset}`, partition: 0, offset, ...row }));
  await lake.append(table.name, Frame.fromRows(table.fields, numbered as never), {
    ranges: [{ partition: 0, first: 0, last: rows.length - 1 }],
  });
}

/** A model of its own name, so that tests do not see each other's versions. */
const model = (options: Partial<ItemKnnOptions<typeof purchase.fields>> = {}) => {
  models += 1;
  return itemKnn(`bought-${models}`, {
    interactions: { from: purchase, user: 'customerId', item: 'stockCode' },
    every: days(30),
    ...options,
  });
};
/** In this thread, which is quicker to start. */
const here: TrainModelOptions['run'] = (task, { onProgress }) => runTask(task, onProgress);
const train = (trained: ReturnType<typeof model>, options: Partial<TrainModelOptions> = {}) =>
  trainModel(trained, { ports, reason: 'test', run: here, ...options });
const inWorker = { run: runInWorker };
const versionsOf = (name: string) => ports.get(ModelRegistry).versions(name);
const namesOf = async (name: string): Promise<string[]> => {
  const names: string[] = [];
  for await (const found of ports.get(ArtifactStore).list(`models/${name}/`)) names.push(found.name);
  return names;
};

describe('trainModel', () => {
  it('makes a version in a worker: files with checksums, manifest, verdicts, candidate', async () => {
    const bought = model({
      gates: [floor({ metric: 'recall@20', atLeast: 0.1 }), size(1e9), duration(days(1))],
      holdout: days(20),
    });
    const phases: TrainingProgress[] = [];
    const onProgress = (progress: TrainingProgress) => phases.push(progress);
    const outcome = await train(bought, { ...inWorker, until: START + days(120).ms, onProgress });
    expect(outcome).toMatchObject({ outcome: 'candidate', algorithm: 'item-knn', dataUntil: START + days(120).ms });
    expect(outcome.metrics['recall@20']).toBeGreaterThan(0.1);
    expect(outcome.gates.map(({ gate, passed }) => [gate, passed])).toEqual([
      ['floor', true],
      ['size', true],
      ['duration', true],
    ]);
    expect(Object.keys(outcome.phasesMs)).toEqual(
      expect.arrayContaining(['read', 'fit', 'evaluate', 'refit', 'baseline', 'worker', 'store']),
    );
    expect(new Set(phases.map(({ phase }) => phase))).toEqual(
      new Set(['read', 'fit', 'evaluate', 'evaluate live', 'refit', 'baseline', 'store']),
    );

    const registry = ports.get(ModelRegistry);
    const version = outcome.version!;
    expect(version).toMatch(/^20250501T000000-[0-9a-f]{6}$/);
    expect(await registry.alias(bought.name, 'candidate')).toMatchObject({ version, revision: 1, by: 'train' });
    expect(await registry.alias(bought.name, 'live')).toBeUndefined(); // only the predictor moves that
    expect(await registry.records(bought.name, version)).toMatchObject([{ kind: 'gate', outcome: 'passed' }]);
    const manifest = (await registry.manifest(bought.name, version))!;
    expect(manifest).toMatchObject({
      format: 1,
      algorithm: 'item-knn',
      runtime: 'milonga/item-knn/1',
      fingerprint: bought.fingerprint,
      createdAt: clock.now(),
      rows: outcome.rows,
      bytes: outcome.bytes,
      metrics: outcome.metrics,
      baselineFile: 'baseline.arrow',
    });
    expect(manifest.dataFrom).toBeGreaterThanOrEqual(START);
    for (const file of manifest.files) {
      const bytes = (await ports.get(ArtifactStore).get(artifactNames.file(bought.name, version, file.name)))!;
      expect([bytes.byteLength, createHash('sha256').update(bytes).digest('hex')]).toEqual([file.bytes, file.sha256]);
    }
  });

  it('registers a version that a gate refuses, with the reasons, and does not name it', async () => {
    const bought = model({ gates: [floor({ metric: 'recall@20', atLeast: 0.99 }), size(10), duration(days(1))] });
    const outcome = await train(bought);
    expect(outcome.outcome).toBe('rejected');
    expect(outcome.reason).toMatch(/^floor: recall@20 is .* size: The files have \d+ bytes/);
    const registry = ports.get(ModelRegistry);
    expect(await versionsOf(bought.name)).toEqual([outcome.version]);
    expect(await registry.alias(bought.name, 'candidate')).toBeUndefined();
    expect(await registry.records(bought.name, outcome.version!)).toMatchObject([
      { kind: 'gate', outcome: 'rejected', reason: outcome.reason },
    ]);
  });

  it('holds a version against the live one on the same holdout, if that has not seen it', async () => {
    const bought = model({ gates: [regression({ metric: 'recall@20', tolerance: 0.9 })], holdout: days(20) });
    const registry = ports.get(ModelRegistry);
    const goLive = (version: string, expectedRevision: number) =>
      registry.moveAlias({ model: bought.name, alias: 'live', version, expectedRevision, by: 'test', reason: '' });
    const first = await train(bought, { until: START + days(90).ms });
    expect(first.gates[0]!.reason).toContain('nothing is live');
    await goLive(first.version!, 0);
    const second = await train(bought, { until: START + days(120).ms });
    expect(second.gates[0]!.reason).toContain(`live version ${first.version} has 0.`);
    await goLive(second.version!, 1);
    const third = await train(bought, { until: START + days(125).ms });
    expect(third.gates[0]).toMatchObject({ passed: true });
    expect(third.gates[0]!.reason).toContain('has seen part of the holdout');
  });

  it('is skipped without enough data, while another run is under way, and when the data were used already', async () => {
    const sparse = model({ minimumRows: 1e6 });
    expect(await train(sparse)).toMatchObject({ outcome: 'skipped', version: undefined });
    const bought = model();
    const hold = await ports.get(Lease).acquire(`train/${bought.name}`, { ttlMs: 10_000 });
    expect((await train(bought)).reason).toBe('Another run of this model is under way.');
    await hold!.release();
    await train(bought, { until: START + days(60).ms });
    expect(
      (await train(bought, { until: START + days(60).ms, unlessTrainedUntil: START + days(60).ms })).reason,
    ).toContain('exists already');
    expect((await versionsOf(bought.name)).length).toBe(1);
    expect(await versionsOf(sparse.name)).toEqual([]);
  });

  it('leaves no version when it is cancelled, whatever it was at', async () => {
    for (const phase of ['read', 'fit', 'baseline', 'store']) {
      const bought = model();
      const cancelling = new AbortController();
      const run = train(bought, {
        ...inWorker,
        signal: cancelling.signal,
        onProgress: (progress) => {
          if (progress.phase === phase) cancelling.abort();
        },
      });
      await expect(run).rejects.toMatchObject({ code: 'MILONGA_ABORTED' });
      expect(await versionsOf(bought.name)).toEqual([]);
      expect(await ports.get(ModelRegistry).alias(bought.name, 'candidate')).toBeUndefined();
      expect(await train(bought)).toMatchObject({ outcome: 'candidate' }); // and the lease was given back
    }
  });

  it('sweeps away what a run that died left behind, and old versions beyond those to keep', async () => {
    const bought = model({ keep: 2 });
    const registry = ports.get(ModelRegistry);
    await ports
      .get(ArtifactStore)
      .putIfAbsent(artifactNames.file(bought.name, 'half', 'items.arrow'), new Uint8Array(9));
    const versions: string[] = [];
    for (let at = 0; at < 5; at += 1) {
      versions.push((await train(bought, { until: START + days(60 + at * 10).ms })).version!);
      await clock.advanceBy(1_000);
      if (at === 0)
        await registry.moveAlias({
          model: bought.name,
          alias: 'live',
          version: versions[0]!,
          expectedRevision: 0,
          by: 'test',
          reason: '',
        });
    }
    const withFiles = new Set(
      (await namesOf(bought.name)).filter((name) => name.includes('/files/')).map((name) => name.split('/')[3]),
    );
    // The last run kept the two before it; the first one is live.
    expect(withFiles).toEqual(new Set([versions[0], versions[2], versions[3], versions[4]]));
    expect(await versionsOf(bought.name)).toEqual(versions); // their manifests stay
  });

  it('reports what a port or the worker threw, with its code', async () => {
    const interactions = { from: purchase, user: 'customerId', item: 'stockCode', where: () => '1 = ' } as const;
    const run = train(model({ interactions }));
    await expect(run).rejects.toMatchObject({ code: 'MILONGA_LAKE_QUERY_FAILED' });
    const broken = { ...model(), algorithm: 'alchemy' };
    await expect(train(broken, inWorker)).rejects.toMatchObject({
      code: 'MILONGA_INTERNAL',
      message: expect.stringContaining('No algorithm is named "alchemy"'),
    });
    expect(await versionsOf(broken.name)).toEqual([]);
  });
});
