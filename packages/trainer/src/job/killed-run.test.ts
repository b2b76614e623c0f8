import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { local } from '@milonga/adapters-local';
import { ArtifactStore, artifactNames, event, Frame, Lake, lakeTableOf, ModelRegistry, string } from '@milonga/core';
import { createApp } from '@milonga/core/app';
import { SimulatedShop } from '@milonga/testing';
import { afterAll, expect, test } from 'vitest';
import { seededRandom } from '../random/seeded-random.ts';

const START = Date.UTC(2025, 0, 1);
const KILLS = 5;
const purchase = event('purchase', { customerId: string(), stockCode: string() });

/** Trains one version after the other of a model, saying what it is at, until it is killed. */
const TRAINER = `
import { local } from '@milonga/adapters-local';
import { Lake, days, event, string } from '@milonga/core';
import { createApp } from '@milonga/core/app';
import { als, trainModel } from '@milonga/trainer';
import { ArtifactStore, Clock, Lease, ModelRegistry } from '@milonga/core';
const purchase = event('purchase', { customerId: string(), stockCode: string() });
const taste = als(process.argv[2], { interactions: { from: purchase, user: 'customerId', item: 'stockCode' }, every: days(1), parameters: { factors: 8 } });
const app = createApp([local({ dir: process.argv[1] })]);
const ports = await app.ports([Lake, ModelRegistry, ArtifactStore, Lease, Clock]);
for (;;) {
  const { outcome, reason } = await trainModel(taste, { ports, reason: 'test', until: ${START} + days(100).ms, onProgress: ({ phase }) => console.log(phase) });
  console.log('done: ' + outcome + ' ' + reason);
}`;

const folder = mkdtemp(join(tmpdir(), 'milonga-trainer-'));
afterAll(async () => rm(await folder, { recursive: true }));

/** Runs the trainer until it says `phase` for the n-th time, gives it a moment, and kills it. @returns what it said. */
async function runAndKill(dir: string, model: string, phase: string, times: number, afterMs: number): Promise<string> {
  const child = spawn(
    process.execPath,
    ['--conditions=@milonga/source', '--input-type=module', '-e', TRAINER, dir, model],
    {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
      killSignal: 'SIGKILL',
    },
  );
  let said = '';
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      said += chunk;
      if (said.split('\n').filter((line) => line === phase).length >= times) setTimeout(resolve, afterMs);
    });
    child.once('exit', (code) => reject(new Error(`The trainer ended with code ${code}: ${errors}`)));
  });
  child.removeAllListeners('exit');
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  return said;
}

test(`a trainer that is killed ${KILLS} times leaves whole versions or none`, { timeout: 120_000 }, async () => {
  const dir = await folder;
  const filling = createApp([local({ dir })]);
  const { lake } = await filling.resolve({ lake: Lake });
  const table = lakeTableOf(purchase);
  await lake.ensureTables([table]);
  const visits = [...new SimulatedShop({ seed: 3, customers: 60, items: 80, days: 100, startAt: START }).visits()];
  const rows = visits
    .flatMap(({ at, customer, items }) =>
      items.map((stockCode) => ({ eventAt: at, ingestedAt: at, customerId: customer, stockCode })),
    )
    .map((row, offset) => ({ id: `p${offset}`, partition: 0, offset, ...row }));
  await lake.append(table.name, Frame.fromRows(table.fields, rows as never), {
    ranges: [{ partition: 0, first: 0, last: rows.length - 1 }],
  });
  await filling.close();

  const random = seededRandom(8);
  const phases = ['store', 'store', 'fit', 'baseline'];
  const finished: number[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    // A model of its own each time: the lease of a dead run is held for half a minute.
    const said = await runAndKill(
      dir,
      `taste-${kill}`,
      phases[kill % phases.length]!,
      1 + random.below(2),
      random.below(12),
    );
    finished.push(said.split('\n').filter((line) => line.startsWith('done: candidate')).length);
  }

  const app = createApp([local({ dir })]);
  const { registry, artifacts } = await app.resolve({ registry: ModelRegistry, artifacts: ArtifactStore });
  for (let kill = 0; kill < KILLS; kill += 1) {
    const model = `taste-${kill}`;
    const versions = await registry.versions(model);
    expect(versions.length - finished[kill]!).toBeOneOf([0, 1]); // one may have been registered and not yet spoken of
    for (const version of versions) {
      for (const { name, bytes, sha256 } of (await registry.manifest(model, version))!.files) {
        const found = (await artifacts.get(artifactNames.file(model, version, name)))!;
        expect([found.byteLength, createHash('sha256').update(found).digest('hex')]).toEqual([bytes, sha256]);
      }
    }
    const candidate = await registry.alias(model, 'candidate');
    if (finished[kill]! > 0 || candidate !== undefined) expect(versions).toContain(candidate?.version);
  }
  expect(finished.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
  await app.close();
});
