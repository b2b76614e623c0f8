import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { artifactNames, ModelRegistry, trainerOf, type VersionRecord } from '@milonga/core';
import type { RunningRecommender } from '@milonga/service';
import { expect, test } from 'vitest';
import { type Answer, bought, post, startShop, temporaryDirectory } from './small-shop.fixture.ts';

const MODEL = 'trending';
const EVERYTHING_ELSE = ['lake', 'tiles', 'materialise', 'train', 'recommend', 'collect'];

/** A day of purchases, some days ago, in which one item sells best; then a version of the model that saw it. */
async function trainOn(running: RunningRecommender, best: string, daysAgo: number): Promise<string> {
  const eventAt = Date.now() - daysAgo * 86_400_000;
  const customers = Array.from({ length: 30 }, (_, at) => `c${at}-${best}`);
  const events = customers.flatMap((customer, at) => [
    bought(`${customer}-1`, customer, best, { eventAt }),
    bought(`${customer}-2`, customer, `other-${at % 5}`, { eventAt }),
  ]);
  expect((await post(running.url, '/v1/events', { events })).body.accepted).toBe(60);
  await running.settle();
  const outcome = await (await running.get(trainerOf(MODEL))).train({ reason: 'a test' });
  expect(outcome.outcome).toBe('candidate');
  await running.settle();
  return outcome.version!;
}

const fileOf = (dir: string, version: string, file: string): string =>
  join(dir, 'artifacts', artifactNames.file(MODEL, version, file));

function flipByte(path: string, at = 0.5): void {
  const bytes = readFileSync(path);
  const index = Math.floor(bytes.length * at);
  bytes[index] = bytes[index]! ^ 0xff;
  writeFileSync(path, bytes);
}

const ask = (running: RunningRecommender, pipeline = 'for-you'): Promise<Answer> =>
  post(running.url, `/v1/recommend/${pipeline}`, { customerId: 'nobody' });

const recordsOf = async (running: RunningRecommender, version: string): Promise<readonly VersionRecord[]> =>
  (await running.get(ModelRegistry)).records(MODEL, version);

test('without another version, a damaged one degrades the slate; the reason is on record; a repaired one answers', async () => {
  using place = temporaryDirectory();
  const version = await (async () => {
    await using running = await startShop(place.dir);
    return await trainOn(running, 'scone', 3);
  })();
  const files = readdirSync(join(place.dir, 'artifacts', artifactNames.file(MODEL, version, '')));
  expect(files.length).toBeGreaterThan(1);
  for (const file of files) {
    const path = fileOf(place.dir, version, file);
    flipByte(path);
    await using running = await startShop(place.dir);
    const answer = await ask(running);
    expect([file, answer.status]).toEqual([file, 200]);
    expect(answer.body).toMatchObject({ items: [], degraded: [MODEL], versions: [] });
    expect((await ask(running, 'with-picks')).body.items.length).toBe(3);
    const refusals = (await recordsOf(running, version)).filter(({ outcome }) => outcome === 'rejected');
    expect(refusals.at(-1)).toMatchObject({ kind: 'swap', reason: expect.stringContaining(`File "${file}"`) });
    expect(refusals.at(-1)?.reason).toMatch(/is corrupt: expected \d+ bytes with SHA-256/);
    flipByte(path);
  }
  await using running = await startShop(place.dir);
  expect((await ask(running)).body).toMatchObject({ degraded: [], versions: [`${MODEL}@${version}`] });
});

test('a live version that is damaged, or gone, leaves the one before at work after a restart', async () => {
  using place = temporaryDirectory();
  const [first, second] = await (async () => {
    await using running = await startShop(place.dir);
    const versions = [await trainOn(running, 'scone', 5), await trainOn(running, 'muffin', 3)];
    expect((await ask(running)).body).toMatchObject({ versions: [`${MODEL}@${versions[1]}`] });
    return versions as [string, string];
  })();
  const [file] = readdirSync(join(place.dir, 'artifacts', artifactNames.file(MODEL, second, '')));
  const path = fileOf(place.dir, second, file!);
  for (const [damage, reason] of [
    [() => flipByte(path, 0.01), /is corrupt/],
    [() => writeFileSync(path, readFileSync(path).subarray(0, 10)), /is corrupt: .* found 10 with/],
    [() => writeFileSync(path, ''), /is corrupt: .* found 0 with/],
    [() => rmSync(path), /is missing from the artifact store/],
  ] as const) {
    damage();
    await using running = await startShop(place.dir);
    const { status, body } = await ask(running);
    expect(status).toBe(200);
    expect(body).toMatchObject({ versions: [`${MODEL}@${first}`], degraded: [] });
    expect(body.items[0].id).toBe('scone');
    const refusal = (await recordsOf(running, second)).findLast(({ outcome }) => outcome === 'rejected');
    expect(refusal?.reason).toMatch(reason);
  }
});

test('a candidate that is damaged never goes live, and the next one does', async () => {
  using place = temporaryDirectory();
  const first = await (async () => {
    await using running = await startShop(place.dir);
    return await trainOn(running, 'scone', 5);
  })();
  const second = await (async () => {
    await using running = await startShop(place.dir, { roles: EVERYTHING_ELSE });
    return await trainOn(running, 'muffin', 3);
  })();
  const [file] = readdirSync(join(place.dir, 'artifacts', artifactNames.file(MODEL, second, '')));
  flipByte(fileOf(place.dir, second, file!));

  await using running = await startShop(place.dir);
  await running.settle();
  expect((await ask(running)).body).toMatchObject({ versions: [`${MODEL}@${first}`], degraded: [] });
  const registry = await running.get(ModelRegistry);
  expect((await registry.alias(MODEL, 'live'))?.version).toBe(first);
  expect((await recordsOf(running, second)).filter(({ kind }) => kind === 'swap')).toMatchObject([
    { outcome: 'rejected', reason: expect.stringContaining('is corrupt') },
  ]);

  const third = await trainOn(running, 'bun', 1.5);
  expect((await ask(running)).body).toMatchObject({ versions: [`${MODEL}@${third}`], degraded: [] });
});

test('a damaged manifest degrades the slate and does not keep the process from starting', async () => {
  using place = temporaryDirectory();
  const version = await (async () => {
    await using running = await startShop(place.dir);
    return await trainOn(running, 'scone', 3);
  })();
  const path = join(place.dir, 'artifacts', artifactNames.manifest(MODEL, version));
  const whole = readFileSync(path);
  writeFileSync(path, whole.subarray(0, 9));
  await using running = await startShop(place.dir);
  const { status, body } = await ask(running);
  expect(status).toBe(200);
  expect(body).toMatchObject({ items: [], degraded: [MODEL] });
  const refusals = (await recordsOf(running, version)).filter(({ outcome }) => outcome === 'rejected');
  expect(refusals.at(-1)?.reason).toContain(`${version}/manifest.json" in the artifact store is damaged`);

  const training = (await running.get(trainerOf(MODEL))).train({ reason: 'a test' });
  await expect(training).rejects.toMatchObject({ code: 'MILONGA_ARTIFACT_CORRUPT' });
  writeFileSync(path, whole); // as its message asks for
  await trainOn(running, 'muffin', 2);
  expect((await ask(running)).body).toMatchObject({ degraded: [] });
});
