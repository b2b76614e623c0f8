import { beforeEach, describe, expect, test } from 'vitest';
import type { ModelManifest } from '../model/manifest.ts';
import type { AliasEntry } from '../ports/model-registry.ts';
import { systemClock } from '../time/system-clock.ts';
import { ArtifactMap } from './artifact-map.fixture.ts';
import { ArtifactModelRegistry } from './artifact-model-registry.ts';

let artifacts: ArtifactMap;
const open = (pollMs?: number) =>
  new ArtifactModelRegistry({ artifacts, clock: systemClock(), ...(pollMs === undefined ? {} : { pollMs }) });
let registry: ArtifactModelRegistry;
beforeEach(() => {
  artifacts = new ArtifactMap();
  registry = open();
});

const manifest = (version: string, createdAt: number = 0, model: string = 'm'): ModelManifest => ({
  format: 1,
  model,
  version,
  algorithm: 'test',
  runtime: 'test/1',
  createdAt,
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
});
const move = (version: string | undefined, expectedRevision: number, alias: string = 'live') => ({
  model: 'm',
  alias,
  version,
  expectedRevision,
  by: 'test',
  reason: 'because',
});
const note = (reason: string) => ({ model: 'm', version: 'v1', kind: 'note', outcome: 'info', reason, at: 1 }) as const;

describe('races', () => {
  test('of 200 movers of an alias in 4 processes one wins each round, and nobody else changes anything', async () => {
    const processes = [registry, open(), open(), open()];
    await registry.register(manifest('v1'));
    for (let revision = 0; revision < 5; revision += 1) {
      const results = await Promise.allSettled(
        Array.from({ length: 200 }, (_, racer) =>
          processes[racer % 4]!.moveAlias({ ...move('v1', revision), by: `racer ${racer}` }),
        ),
      );
      const won = results.filter((result) => result.status === 'fulfilled').map((result) => result.value);
      expect(won).toHaveLength(1);
      for (const result of results)
        if (result.status === 'rejected')
          expect(result.reason).toMatchObject({ code: 'MILONGA_REGISTRY_CONFLICT', isRetryable: true });
      for (const one of processes) expect(await one.alias('m', 'live')).toEqual(won[0]);
    }
    expect((await open().history('m', 'live')).map((entry) => entry.revision)).toEqual([1, 2, 3, 4, 5]);
  });

  test('200 records written at once from 4 processes are all kept', async () => {
    const processes = [registry, open(), open(), open()];
    await Promise.all(
      Array.from({ length: 200 }, (_, writer) => processes[writer % 4]!.record(note(`note ${writer}`))),
    );
    const records = await open().records('m', 'v1');
    expect(new Set(records.map((record) => record.reason)).size).toBe(200);
    expect(records).toHaveLength(200);
  });

  test('a record that failed to be written does not keep the next one out', async () => {
    artifacts.failure = new Error('down');
    await expect(registry.record(note('lost'))).rejects.toThrow('down');
    artifacts.failure = undefined;
    await registry.record(note('kept'));
    expect((await registry.records('m', 'v1')).map((record) => record.reason)).toEqual(['kept']);
  });
});

describe('cost', () => {
  test('an alias with 1,000 moves is found with a few reads, then with one, and nothing is listed', async () => {
    await registry.register(manifest('v1'));
    for (let revision = 0; revision < 1_000; revision += 1) await registry.moveAlias(move('v1', revision));
    const other = open();
    artifacts.calls.get = artifacts.calls.list = 0;
    expect((await other.alias('m', 'live'))?.revision).toBe(1_000);
    expect(artifacts.calls.get).toBeLessThanOrEqual(22);
    artifacts.calls.get = 0;
    for (let again = 0; again < 100; again += 1) await other.alias('m', 'live');
    expect(artifacts.calls).toMatchObject({ get: 100, list: 0 });
    await registry.moveAlias(move('v1', 1_000));
    expect((await other.alias('m', 'live'))?.revision).toBe(1_001);
  });

  test('versions lists once and reads each manifest once, however often it is asked', async () => {
    for (let at = 0; at < 500; at += 1) await registry.register(manifest(`v${at}`, 1_000 - at));
    artifacts.calls.get = artifacts.calls.list = 0;
    const versions = await registry.versions('m');
    expect(versions).toHaveLength(500);
    expect(versions[0]).toBe('v499');
    expect(artifacts.calls).toMatchObject({ get: 500, list: 1 });
    await registry.register(manifest('new', 5_000));
    expect((await registry.versions('m')).at(-1)).toBe('new');
    expect(artifacts.calls.get).toBe(501);
  });
});

describe('what is stored', () => {
  test('files and records named like a manifest are no versions', async () => {
    await registry.register(manifest('v1'));
    artifacts.text('models/m/versions/v1/files/manifest.json', '{}');
    artifacts.text('models/m/versions/unfinished/files/a.bin', 'x');
    expect(await registry.versions('m')).toEqual(['v1']);
  });

  test.each([
    ['no JSON', '{"format":1,'],
    ['other text', '# notes'],
    ['null', 'null'],
    ['a list', '[]'],
    ['another format', '{"format":2}'],
    ['too little', '{"format":1,"model":"m","version":"v1"}'],
  ])('a manifest that is %s is refused by name', async (_, text) => {
    artifacts.text('models/m/versions/v1/manifest.json', text);
    await expect(registry.manifest('m', 'v1')).rejects.toMatchObject({
      code: 'MILONGA_ARTIFACT_CORRUPT',
      message: expect.stringContaining('"models/m/versions/v1/manifest.json"'),
    });
    await expect(registry.versions('m')).rejects.toMatchObject({ code: 'MILONGA_ARTIFACT_CORRUPT' });
  });

  test('a damaged move or record is refused by name, and does not let anybody overwrite it', async () => {
    await registry.register(manifest('v1'));
    artifacts.text('models/m/aliases/live/00000001.json', '{"revision":"one"}');
    artifacts.text('models/m/versions/v1/records/00000001.json', '');
    const corrupt = { code: 'MILONGA_ARTIFACT_CORRUPT' };
    await expect(registry.alias('m', 'live')).rejects.toMatchObject(corrupt);
    await expect(registry.history('m', 'live')).rejects.toMatchObject(corrupt);
    await expect(registry.moveAlias(move('v1', 0))).rejects.toMatchObject(corrupt);
    await expect(registry.records('m', 'v1')).rejects.toMatchObject(corrupt);
  });

  test.each(['', '.', '..', 'a/b', '../../x', 'a b', 'x'.repeat(201)])('the name %j leads nowhere', async (name) => {
    const invalid = { code: 'MILONGA_ARTIFACT_NAME_INVALID' };
    await expect(registry.register(manifest(name))).rejects.toMatchObject(invalid);
    await expect(registry.register(manifest('v1', 0, name))).rejects.toMatchObject(invalid);
    expect(await registry.manifest('m', name)).toBeUndefined();
    await registry.register(manifest('v1')).catch(() => {});
    await expect(registry.moveAlias(move('v1', 0, name))).rejects.toMatchObject(invalid);
    await expect(registry.moveAlias(move(name, 0))).rejects.toMatchObject({ code: 'MILONGA_MODEL_VERSION_UNKNOWN' });
  });
});

describe('watch', () => {
  const activeTimers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

  test('yields what is, then moves of this process at once', async () => {
    registry = open(60_000);
    await registry.register(manifest('v1'));
    await registry.moveAlias(move('v1', 0));
    const stopping = new AbortController();
    const seen: AliasEntry[] = [];
    const watching = (async () => {
      for await (const entry of registry.watch('m', 'live', stopping)) {
        seen.push(entry);
        if (entry.revision < 5) await registry.moveAlias(move('v1', entry.revision));
        else stopping.abort();
      }
    })();
    await watching;
    expect(seen.map((entry) => entry.revision)).toEqual([1, 2, 3, 4, 5]);
  });

  test('sees moves of another process within a poll', async () => {
    registry = open(10);
    const other = open();
    await other.register(manifest('v1'));
    const iterator = registry.watch('m', 'live', { signal: AbortSignal.timeout(5_000) })[Symbol.asyncIterator]();
    const first = iterator.next();
    await other.moveAlias(move('v1', 0));
    expect((await first).value).toMatchObject({ revision: 1 });
    await other.moveAlias(move(undefined, 1));
    await other.moveAlias(move('v1', 2));
    expect((await iterator.next()).value).toMatchObject({ revision: 3 });
    await iterator.return?.();
  });

  test('ends when aborted, while it waits or before it began, and leaves no timer', async () => {
    const before = activeTimers();
    const stopping = new AbortController();
    const waiting = registry.watch('m', 'live', stopping)[Symbol.asyncIterator]().next();
    while (activeTimers() === before) await new Promise((resolve) => setImmediate(resolve));
    stopping.abort();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(activeTimers()).toBe(before);
    expect(await registry.watch('m', 'live', stopping)[Symbol.asyncIterator]().next()).toMatchObject({ done: true });
  });

  test('leaving the loop leaves no timer', async () => {
    const before = activeTimers();
    await registry.register(manifest('v1'));
    await registry.moveAlias(move('v1', 0));
    for await (const _ of registry.watch('m', 'live', new AbortController())) break;
    expect(activeTimers()).toBe(before);
  });

  test('a store that cannot be read ends it with the error', async () => {
    artifacts.failure = new Error('down');
    const iterator = registry.watch('m', 'live', new AbortController())[Symbol.asyncIterator]();
    await expect(iterator.next()).rejects.toThrow('down');
  });
});
