import type { AliasEntry, ModelManifest, ModelRegistry, VersionRecord } from '@milonga/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, expectCode, fresh } from './expectations.ts';

/** What {@link testModelRegistry} needs to know of a registry. */
export interface ModelRegistryConformance {
  /** A registry. It may hold other models; the suite uses names of its own. */
  readonly create: () => ModelRegistry | Promise<ModelRegistry>;
  /** Another client of the same registry, as a second process has it. Default: the first one again. */
  readonly another?: () => ModelRegistry | Promise<ModelRegistry>;
  /** Default: nothing to close. */
  readonly close?: (registry: ModelRegistry) => void | Promise<void>;
  /** Within which time `watch` sees a move of another client. Default: 5,000 ms. */
  readonly watchWithinMs?: number;
}

interface Subject {
  readonly one: () => ModelRegistry;
  readonly other: () => ModelRegistry;
  readonly watchWithinMs: number;
}

/**
 * Checks every sentence of the `ModelRegistry` contract.
 *
 * @example
 * ```ts
 * testModelRegistry('files', { create: () => new ArtifactModelRegistry({ artifacts, clock: systemClock() }) });
 * ```
 */
export function testModelRegistry(name: string, options: ModelRegistryConformance): void {
  describe(`${name} conforms to ModelRegistry`, () => {
    let one: ModelRegistry;
    let other: ModelRegistry;
    beforeAll(async () => {
      one = await options.create();
      other = (await options.another?.()) ?? one;
    });
    afterAll(async () => {
      if (other !== one) await options.close?.(other);
      await options.close?.(one);
    });
    const subject: Subject = {
      one: () => one,
      other: () => other,
      watchWithinMs: options.watchWithinMs ?? 5_000,
    };
    describe('versions', () => testVersions(subject));
    describe('aliases', () => testAliases(subject));
    describe('watch', () => testWatch(subject));
    describe('records', () => testRecords(subject));
  });
}

/** A manifest as a trainer writes it. */
function manifestOf(model: string, version: string, createdAt: number = 1_300_000_000_000): ModelManifest {
  return {
    format: 1,
    model,
    version,
    algorithm: 'conformance',
    runtime: 'conformance/1',
    createdAt,
    dataFrom: 1_200_000_000_000,
    dataUntil: 1_300_000_000_000,
    rows: 12_345,
    trainMs: 678.5,
    bytes: 90,
    parameters: { factors: 64, label: 'ä\u2028"\\', nothing: null, nested: { list: [1, 2.5, -0.125] } },
    metrics: { ndcg20: 0.285 },
    gates: [{ gate: 'floor', passed: true, reason: 'ndcg20 0.285 >= 0.2' }],
    inputs: [{ name: 'id', kind: 'string' }],
    outputs: [{ name: 'score', kind: 'float64' }],
    fingerprint: 'abc',
    files: [{ name: 'weights.bin', bytes: 90, sha256: '0'.repeat(64) }],
    baselineFile: 'baseline.arrow',
    baselineTolerance: 1e-9,
  };
}

const moveOf = (model: string, version: string | undefined, expectedRevision: number) => ({
  model,
  alias: 'live',
  version,
  expectedRevision,
  by: 'conformance',
  reason: `to ${version}`,
});

function testVersions({ one, other }: Subject): void {
  test('a manifest comes back as it was registered, to every client', async () => {
    const manifest = manifestOf(fresh('model'), 'v1');
    await one().register(manifest);
    for (const registry of [one(), other()]) expect(await registry.manifest(manifest.model, 'v1')).toEqual(manifest);
  });

  test('what is not there is undefined or empty, never an error', async () => {
    const model = fresh('model');
    expect(await one().manifest(model, 'v1')).toBeUndefined();
    expect(await one().versions(model)).toEqual([]);
    expect(await one().alias(model, 'live')).toBeUndefined();
    expect(await one().history(model, 'live')).toEqual([]);
    expect(await one().records(model, 'v1')).toEqual([]);
  });

  test('versions come in order of creation, whatever the order of registration and of names', async () => {
    const model = fresh('model');
    for (const [version, createdAt] of [
      ['b', 2_000],
      ['a', 3_000],
      ['c', 1_000],
    ] as const)
      await one().register(manifestOf(model, version, createdAt));
    expect(await one().versions(model)).toEqual(['c', 'b', 'a']);
    expect(await other().versions(model)).toEqual(['c', 'b', 'a']);
    await other().register(manifestOf(model, 'd', 1_500));
    expect(await one().versions(model)).toEqual(['c', 'd', 'b', 'a']);
  });

  test('models whose names begin alike do not mix', async () => {
    const model = fresh('model');
    await one().register(manifestOf(model, 'v1'));
    await one().register(manifestOf(`${model}-2`, 'v2'));
    expect(await one().versions(model)).toEqual(['v1']);
    expect(await one().versions(`${model}-2`)).toEqual(['v2']);
  });

  test('a version is registered once; of racing callers one succeeds and the first manifest stays', async () => {
    const model = fresh('model');
    const tries = await Promise.allSettled(
      Array.from({ length: 20 }, (_, racer) =>
        (racer % 2 ? one() : other()).register({ ...manifestOf(model, 'v1'), rows: racer }),
      ),
    );
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const winner = tries.findIndex(({ status }) => status === 'fulfilled');
    expect((await one().manifest(model, 'v1'))?.rows).toBe(winner);
    await expectCode(other().register(manifestOf(model, 'v1')), 'MILONGA_ARTIFACT_EXISTS');
  });
}

function testAliases({ one, other }: Subject): void {
  test('moves count from 1, name who and why, and are seen by every client at once', async () => {
    const model = fresh('model');
    await one().register(manifestOf(model, 'v1'));
    await one().register(manifestOf(model, 'v2'));
    for (const [revision, version] of ['v1', 'v2', undefined, 'v1'].entries()) {
      const entry = await (revision % 2 ? one() : other()).moveAlias(moveOf(model, version, revision));
      expect(entry).toMatchObject({ ...withoutExpected(moveOf(model, version, revision)), revision: revision + 1 });
      expect(entry.version).toBe(version);
      expect(entry.movedAt).toBeTypeOf('number');
      for (const registry of [one(), other()]) {
        const found = await registry.alias(model, 'live');
        expect(found).toMatchObject({ revision: revision + 1, movedAt: entry.movedAt });
        expect(found?.version).toBe(version);
      }
    }
    const history = await other().history(model, 'live');
    expect(history.map((entry) => [entry.revision, entry.version])).toEqual([
      [1, 'v1'],
      [2, 'v2'],
      [3, undefined],
      [4, 'v1'],
    ]);
    expect(history[1]).toMatchObject({ model, alias: 'live', by: 'conformance', reason: 'to v2' });
  });

  test('a move keeps what it follows from', async () => {
    const model = fresh('model');
    await one().register(manifestOf(model, 'v1'));
    const follows = { alias: 'candidate', revision: 7 };
    await one().moveAlias({ ...moveOf(model, 'v1', 0), follows });
    await one().moveAlias(moveOf(model, 'v1', 1));
    expect((await other().history(model, 'live')).map((entry) => entry.follows)).toEqual([follows, undefined]);
  });

  test('aliases and models do not meet', async () => {
    const model = fresh('model');
    await one().register(manifestOf(model, 'v1'));
    await one().moveAlias({ ...moveOf(model, 'v1', 0), alias: 'candidate' });
    expect(await one().alias(model, 'live')).toBeUndefined();
    expect(await one().alias(`${model}-2`, 'candidate')).toBeUndefined();
    expect((await one().moveAlias(moveOf(model, 'v1', 0))).revision).toBe(1);
  });

  test('an alias does not move to a version that is not there', async () => {
    const model = fresh('model');
    await expectCode(one().moveAlias(moveOf(model, 'v1', 0)), 'MILONGA_MODEL_VERSION_UNKNOWN');
    expect(await one().history(model, 'live')).toEqual([]);
  });

  test.each([-1, 0, 2, 3, 1_000])('a mover who expects revision %d when it is 1 changes nothing', async (expected) => {
    const model = fresh('model');
    await one().register(manifestOf(model, 'v1'));
    await one().moveAlias(moveOf(model, 'v1', 0));
    await expectCode(other().moveAlias(moveOf(model, 'v1', expected)), 'MILONGA_REGISTRY_CONFLICT');
    expect(await one().history(model, 'live')).toHaveLength(1);
  });

  test('of 200 racing movers one succeeds, the others are told of a conflict', async () => {
    const model = fresh('model');
    await one().register(manifestOf(model, 'v1'));
    const moves = await Promise.allSettled(
      Array.from({ length: 200 }, (_, racer) =>
        (racer % 2 ? one() : other()).moveAlias({ ...moveOf(model, 'v1', 0), by: `racer ${racer}` }),
      ),
    );
    const won = moves.flatMap((move) => (move.status === 'fulfilled' ? [move.value] : []));
    expect(won).toHaveLength(1);
    for (const move of moves)
      if (move.status === 'rejected') expect(move.reason).toMatchObject({ code: 'MILONGA_REGISTRY_CONFLICT' });
    for (const registry of [one(), other()]) expect(await registry.history(model, 'live')).toEqual(won);
  });
}

function withoutExpected({ model, alias, by, reason }: ReturnType<typeof moveOf>) {
  return { model, alias, by, reason };
}

function testWatch({ one, other, watchWithinMs }: Subject): void {
  /** Collects what a watch yields until it ends. */
  function collect(registry: ModelRegistry, model: string, signal: AbortSignal) {
    const seen: AliasEntry[] = [];
    const ended = (async () => {
      for await (const entry of registry.watch(model, 'live', { signal })) seen.push(entry);
    })();
    return { seen, ended };
  }

  test('yields the current entry, then later ones in order up to the newest, of any client', async () => {
    const model = fresh('model');
    await one().register(manifestOf(model, 'v1'));
    await one().moveAlias(moveOf(model, 'v1', 0));
    await one().moveAlias(moveOf(model, undefined, 1));
    const stopping = new AbortController();
    const watching = collect(one(), model, stopping.signal);
    await eventually(() => expect(watching.seen.at(-1)?.revision).toBe(2), watchWithinMs);
    expect(watching.seen).toHaveLength(1);
    for (let revision = 2; revision < 10; revision += 1)
      await (revision % 2 ? one() : other()).moveAlias(moveOf(model, 'v1', revision));
    await eventually(() => expect(watching.seen.at(-1)?.revision).toBe(10), watchWithinMs);
    stopping.abort();
    await watching.ended;
    const revisions = watching.seen.map((entry) => entry.revision);
    expect(revisions).toEqual([...new Set(revisions)].sort((left, right) => left - right));
  });

  test('begins before the first move', async () => {
    const model = fresh('model');
    await one().register(manifestOf(model, 'v1'));
    const stopping = new AbortController();
    const watching = collect(one(), model, stopping.signal);
    await other().moveAlias(moveOf(model, 'v1', 0));
    await eventually(() => expect(watching.seen).toHaveLength(1), watchWithinMs);
    stopping.abort();
    await watching.ended;
  });

  test('ends when aborted, without an error, also when it was aborted before', async () => {
    const model = fresh('model');
    const stopping = new AbortController();
    const watching = collect(one(), model, stopping.signal);
    stopping.abort();
    await watching.ended;
    const late = collect(one(), model, stopping.signal);
    await late.ended;
    expect([...watching.seen, ...late.seen]).toEqual([]);
  });
}

function testRecords({ one, other }: Subject): void {
  const recordOf = (model: string, reason: string): VersionRecord => ({
    model,
    version: 'v1',
    kind: 'swap',
    outcome: 'rejected',
    reason,
    at: 1_300_000_000_000,
    details: { checks: [{ check: 'baseline', figures: { worst: 0.5 } }] },
  });

  test('records come back whole, oldest first, to every client', async () => {
    const model = fresh('model');
    const records = ['first', 'second', 'third'].map((reason) => recordOf(model, reason));
    for (const [at, record] of records.entries()) await (at % 2 ? one() : other()).record(record);
    for (const registry of [one(), other()]) expect(await registry.records(model, 'v1')).toEqual(records);
    expect(await one().records(model, 'v2')).toEqual([]);
  });

  test('of 60 records written at once none is lost', async () => {
    const model = fresh('model');
    await Promise.all(
      Array.from({ length: 60 }, (_, at) => (at % 2 ? one() : other()).record(recordOf(model, `record ${at}`))),
    );
    const reasons = (await one().records(model, 'v1')).map((record) => record.reason);
    expect(new Set(reasons).size).toBe(60);
    expect(reasons).toHaveLength(60);
  });
}
