import { describe, expect, test } from 'vitest';
import { type Misbehaviour, rowsOf, type StoredDifferently } from '../linear-model.fixture.ts';
import { ServedModel, sharedStores } from '../served-models.fixture.ts';

/** A process in which v1 is live and has answered requests of 64 rows each. */
async function withLive(limits: ConstructorParameters<typeof ServedModel>[1] = {}): Promise<ServedModel> {
  const served = new ServedModel(await sharedStores(), limits);
  expect(await served.try('v1')).toMatchObject({ adopted: true });
  for (let call = 0; call < 40; call += 1)
    await served.predictor.predict('linear', rowsOf(...Array.from({ length: 64 }, (_, row) => row + call)));
  return served;
}

const scoresOf = async (served: ServedModel) => [
  ...(await served.predictor.predict('linear', rowsOf(1, 2))).scores.score!,
];

describe('a version that is well', () => {
  test('goes live, answers, and is on record', async () => {
    const served = await withLive();
    expect(await served.try('v2', { weights: { slope: 3, bias: 1 } })).toEqual({
      version: 'v2',
      adopted: true,
      reason: 'Every check passed.',
    });
    expect(await scoresOf(served)).toEqual([4, 7]);
    expect(served.live).toBe('v2');
    expect(await served.stores.registry.alias('linear', 'live')).toMatchObject({
      version: 'v2',
      by: 'test',
      follows: { alias: 'candidate', revision: 2 },
    });
    expect(await served.records('v2')).toMatchObject([
      {
        kind: 'swap',
        outcome: 'passed',
        details: {
          checks: [{ check: 'baseline' }, { check: 'retrieval' }, { check: 'latency' }, { check: 'distribution' }],
        },
      },
    ]);
    expect(served.runtime.lives.map(({ isDisposed }) => isDisposed)).toEqual([true, false]);
  });

  test('is not loaded again when it is named again', async () => {
    const served = await withLive();
    await served.host.adopt(await served.name('candidate', 'v1'), 'test');
    expect(served.runtime.lives).toHaveLength(1);
  });

  test('NaN in the baseline is reproduced by NaN', async () => {
    const served = await withLive();
    const odd = (xs: readonly number[]) => xs.map((x) => (x === 0 ? Number.NaN : x));
    served.runtime.misbehaviour.set('v2', {
      predict: (scores, rows) =>
        rows.length === 6 ? scores.map((score) => (score === 0 ? Number.NaN : score)) : scores,
    });
    expect(await served.try('v2', { expected: odd })).toMatchObject({ adopted: true });
  });
});

/** Each: what is wrong, how, and what the reason must say. */
const rejections: readonly [string, StoredDifferently, Misbehaviour, RegExp][] = [
  [
    'a baseline that is not reproduced',
    { expected: (xs) => xs.map((x) => x + 1e-6) },
    {},
    /^Not reproduced within 1e-9: row \d of "score"/,
  ],
  ['NaN where the baseline has numbers', {}, { predict: (scores) => scores.fill(Number.NaN) }, /found NaN/],
  ['a number where the baseline has NaN', { expected: (xs) => xs.map(() => Number.NaN) }, {}, /expected NaN/],
  ['too few scores', {}, { predict: (scores) => scores.slice(1) }, /Output "score" has 5 scores for 6 baseline rows/],
  ['too many scores', {}, { predict: () => new Float64Array(7) }, /has 7 scores/],
  [
    'a file that was changed',
    { stored: (name, bytes) => (name === 'weights.json' ? bytes.with(3, 0) : bytes) },
    {},
    /File "weights.json" of version "v2" .* is corrupt: expected \d+ bytes with SHA-256/,
  ],
  [
    'a file that was cut off',
    { stored: (name, bytes) => (name === 'weights.json' ? bytes.slice(0, -1) : bytes) },
    {},
    /is corrupt/,
  ],
  [
    'a file that is missing',
    { stored: (name, bytes) => (name === 'weights.json' ? undefined : bytes) },
    {},
    /"weights.json" .* is missing/,
  ],
  [
    'another runtime',
    { manifest: { runtime: 'test/linear/2' } },
    {},
    /needs runtime "test\/linear\/2"; the definition has "test\/linear\/1"/,
  ],
  [
    'another definition',
    { manifest: { fingerprint: 'linear-0' } },
    {},
    /was trained for definition linear-0; .* linear-1 now/,
  ],
  [
    'an output that is missing',
    { manifest: { outputs: [{ name: 'other', kind: 'float64' }] } },
    {},
    /promises score too/,
  ],
  ['no baseline', { manifest: { baselineFile: 'nothing.arrow' } }, {}, /has no baseline file "nothing.arrow"/],
  [
    'a baseline that is no Arrow',
    { manifest: { baselineFile: 'weights.json' } },
    {},
    /baseline of version "v2" .* cannot be read/,
  ],
  [
    'a file outside of its folder',
    { manifest: { files: [{ name: '../../../secret', bytes: 1, sha256: '' }] } },
    {},
    /is not a name for an artifact/,
  ],
  [
    'a load that throws',
    {},
    {
      load: () => {
        throw new Error('no such layer');
      },
    },
    /could not be loaded: no such layer/,
  ],
  [
    'a predict that throws',
    {},
    {
      predict: () => {
        throw new Error('out of range');
      },
    },
    /out of range/,
  ],
  [
    'scores that are all equal on requests',
    {},
    { predict: (scores, rows) => (rows.length === 6 ? scores : scores.fill(7)) },
    /All \d+ scores "score" on recent requests equal 7/,
  ],
  [
    'scores that are infinite on requests',
    {},
    { predict: (scores, rows) => (rows.length === 6 ? scores : scores.fill(Infinity)) },
    /is Infinity, not a finite number/,
  ],
  [
    'scores far from the live ones',
    { weights: { bias: 1e6 } },
    {},
    /Kolmogorov-Smirnov distance .* is 1.000 \(limit 0.95\)/,
  ],
  ['no items to propose', {}, { retrieve: 'absent' }, /cannot propose items/],
  [
    'items that do not fit their offsets',
    {},
    { retrieve: () => ({ offsets: Int32Array.of(0, 2), ids: ['a'], scores: Float64Array.of(1) }) },
    /proposed 1 items with 1 scores/,
  ],
  [
    'more items than asked for',
    {},
    { retrieve: () => ({ offsets: Int32Array.of(0, 21), ids: Array(21).fill('a'), scores: new Float64Array(21) }) },
    /proposed 21 items where 20/,
  ],
];

describe('a version with', () => {
  test.each(rejections)('%s stays out, and the reason is on record', async (_, differently, misbehaviour, reason) => {
    const served = await withLive();
    served.runtime.misbehaviour.set('v2', misbehaviour);
    const outcome = await served.try('v2', differently);
    expect(outcome).toMatchObject({ version: 'v2', adopted: false, reason: expect.stringMatching(reason) });
    expect(served.live).toBe('v1');
    expect((await served.stores.registry.alias('linear', 'live'))?.version).toBe('v1');
    expect(await scoresOf(served)).toEqual([1, 2]);
    expect(await served.records('v2')).toMatchObject([{ kind: 'swap', outcome: 'rejected', reason: outcome.reason }]);
    expect(served.log.lines).toContainEqual({
      level: 'error',
      message: 'Model version was rejected; the live version stays',
      fields: { model: 'linear', version: 'v2', live: 'v1', reason: outcome.reason },
    });
    const lives = served.runtime.lives.filter(({ version }) => version === 'v2');
    expect(lives.map(({ isDisposed }) => isDisposed)).toEqual(lives.map(() => true));
    expect(await served.try('v3')).toMatchObject({ adopted: true });
  });

  test('a latency over the limit stays out', async () => {
    const served = await withLive({ latencyMs: 5 });
    served.runtime.misbehaviour.set('v2', {
      predict: (scores) => new Promise((resolve) => setTimeout(() => resolve(scores), 12)),
    });
    expect((await served.try('v2')).reason).toMatch(/^Too slow: 1\d\.\d\d ms for 6 rows \(limit 5 ms\)\.$/);
    expect(served.live).toBe('v1');
  });

  test.each<[string, Misbehaviour]>([
    ['load', { load: () => new Promise(() => {}) }],
    ['predict', { predict: () => new Promise(() => {}) }],
  ])('a %s that never ends is given up, and the next version has its turn', async (_, misbehaviour) => {
    const served = await withLive({ verdictMs: 60 });
    served.runtime.misbehaviour.set('v2', misbehaviour);
    expect(await served.try('v2')).toMatchObject({ adopted: false, reason: 'There was no verdict within 60 ms.' });
    expect(await served.try('v3')).toMatchObject({ adopted: true });
    expect(served.runtime.lives[0]).toMatchObject({ version: 'v1', isDisposed: true });
  });

  test('a load that ends too late gives its memory back', async () => {
    const served = await withLive({ verdictMs: 30 });
    served.runtime.misbehaviour.set('v2', { load: () => new Promise((resolve) => setTimeout(resolve, 60)) });
    expect((await served.try('v2')).adopted).toBe(false);
    await expect.poll(() => served.runtime.lives.at(-1)).toMatchObject({ version: 'v2', isDisposed: true });
  });

  test('a dispose that throws is told to the log and to nobody else', async () => {
    const served = await withLive();
    served.runtime.misbehaviour.set('v2', {
      dispose: () => {
        throw new Error('still mapped');
      },
    });
    await served.try('v2');
    const inFlight = served.predictor.predict('linear', rowsOf(1));
    expect(await served.try('v3')).toMatchObject({ adopted: true });
    expect((await inFlight).version).toBe('v2');
    expect(served.log.lines).toContainEqual({
      level: 'error',
      message: 'A model version could not give its memory back',
      fields: { model: 'linear', version: 'v2', error: 'still mapped' },
    });
  });
});

describe('few recent requests', () => {
  test('a single row decides nothing about a distribution', async () => {
    const served = new ServedModel(await sharedStores());
    await served.try('v1');
    await served.predictor.predict('linear', rowsOf(5));
    expect(await served.try('v2', { weights: { bias: 3 } })).toMatchObject({ adopted: true });
  });

  test('what was remembered does not change with the frame it came from', async () => {
    const served = new ServedModel(await sharedStores());
    await served.try('v1');
    const frame = rowsOf(1, 2, 3);
    await served.predictor.predict('linear', frame);
    frame.column('x').values.fill(9);
    expect([...served.host.recent.frames[0]!.column('x').values]).toEqual([1, 2, 3]);
  });

  test('are bounded in number and rows', async () => {
    const served = new ServedModel(await sharedStores(), { recentRequests: 3 });
    await served.try('v1');
    for (let call = 0; call < 200; call += 1)
      await served.predictor.predict('linear', rowsOf(...Array.from({ length: 600 }, (_, row) => row)));
    expect(served.host.recent.frames.map((frame) => frame.length)).toEqual([512, 512, 512]);
  });
});
