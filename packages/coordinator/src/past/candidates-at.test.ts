import {
  Clock,
  entity,
  type FeatureBatch,
  FeatureReader,
  type FeatureViewShape,
  Frame,
  float64,
  int32,
  MilongaError,
  type Port,
  type Ports,
  Predictor,
  string,
  systemClock,
} from '@milonga/core';
import { describe, expect, it } from 'vitest';
import { pipeline } from '../pipeline/define-pipeline.ts';
import { compute } from '../stages/compute.ts';
import { features } from '../stages/features.ts';
import { fromList } from '../stages/from-list.ts';
import { fromModel } from '../stages/from-model.ts';
import { keepIf } from '../stages/keep-if.ts';
import { predict } from '../stages/predict.ts';
import { topK } from '../stages/top-k.ts';

const sold: FeatureViewShape<{ readonly sold: ReturnType<typeof float64> }> = {
  kind: 'feature-view',
  name: 'sold',
  entity: entity('item', 'stockCode'),
  fields: { sold: float64() },
  fingerprint: '1',
};
const AT = Date.UTC(2011, 5, 1);

const readerOf = (amount: number, moments: number[]): FeatureReader => ({
  read: (async ({ keys }: { readonly keys: readonly (readonly string[])[] }, { at }: { readonly at: number }) => {
    moments.push(at);
    const ids = keys[0]!;
    const batch: FeatureBatch = {
      frame: Frame.fromRows(
        sold.fields,
        ids.map(() => ({ sold: amount })),
      ),
      found: new Uint8Array(ids.length).fill(1),
      newestAt: new Float64Array(ids.length).fill(at),
    };
    return [batch];
  }) as never,
});
const portsOf = (predictor: Predictor): Ports => {
  const held = new Map<symbol, unknown>([
    [Predictor.key, predictor],
    [FeatureReader.key, readerOf(-1, [])],
    [Clock.key, systemClock()],
  ]);
  return { has: (port) => held.has(port.key), get: <T>(port: Port<T>) => held.get(port.key) as T };
};
const predictorOf = (asked: unknown[], fails?: MilongaError): Predictor => ({
  predict: async (model, rows, options) => {
    asked.push([model, options?.liveAt]);
    return { scores: { score: new Float64Array(rows.length) }, model, version: '1' };
  },
  retrieve: async (model, _rows, _limit, options) => {
    asked.push([model, options?.liveAt]);
    if (fails !== undefined) throw fails;
    return { offsets: Int32Array.of(0, 1), ids: ['m'], scores: Float64Array.of(1), model, version: '1' };
  },
  liveVersion: () => '1',
});
const build = () =>
  pipeline('test', { input: { userId: string(), limit: int32() }, defaults: { limit: 1 }, budgetMs: 1 })
    .query({
      name: 'slow',
      timeoutMs: 1,
      hydrate: async (_query, context) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return { now: context.now, clock: context.ports.get(Clock).now(), left: context.remainingMs() };
      },
      needs: [Clock],
    })
    .sources(fromList('list', ['a', 'b', 'c']), fromModel('taste'))
    .filter(keepIf('not-b', (item) => item.id !== 'b'))
    .score(predict('light'))
    .hydrate(
      features(sold),
      compute('age', { age: float64(), now: float64(), left: float64() }, (_item, query, { now }) => ({
        age: now - AT,
        now: query.now + query.clock,
        left: query.left,
      })),
    )
    .score(predict('ranker'))
    .select(topK((query) => query.limit, 'ranker'))
    .sideEffects({
      name: 'never',
      run: () => {
        throw new Error('a side effect in the past');
      },
    });

describe('candidatesAt', () => {
  it('runs everything before a scorer as of a moment, without deadline, with what was known and live then', async () => {
    const asked: unknown[] = [];
    const moments: number[] = [];
    const frame = await build().candidatesAt(
      { userId: 'u' },
      { at: AT, before: 'ranker', ports: portsOf(predictorOf(asked)), features: readerOf(7, moments) },
    );
    expect(frame.toRows()).toEqual(
      ['a', 'c', 'm'].map((id) => ({ id, light: 0, sold: 7, age: 0, now: 2 * AT, left: Number.POSITIVE_INFINITY })),
    );
    expect([asked, moments]).toEqual([
      [
        ['taste', AT],
        ['light', AT],
      ],
      [AT],
    ]);
    const early = await build().candidatesAt(
      { userId: 'u' },
      { at: AT, before: 'light', ports: portsOf(predictorOf([])), features: readerOf(7, []) },
    );
    expect(early.layout.names).toEqual(['id']);
  });

  it('goes without models that were not there, and without nothing else', async () => {
    const run = (error: MilongaError) =>
      build().candidatesAt(
        { userId: 'u' },
        { at: AT, before: 'ranker', ports: portsOf(predictorOf([], error)), features: readerOf(7, []) },
      );
    const frame = await run(new MilongaError('MILONGA_MODEL_NOT_LOADED', 'nothing was live'));
    expect(frame.column('id').toArray()).toEqual(['a', 'c']);
    await expect(run(new MilongaError('MILONGA_MODEL_INCOMPATIBLE', 'other inputs'))).rejects.toThrow(
      'Stage "taste" of pipeline "test" failed: other inputs',
    );
    const down: FeatureReader = { read: () => Promise.reject(new Error('no lake')) };
    await expect(
      build().candidatesAt(
        { userId: 'u' },
        { at: AT, before: 'ranker', ports: portsOf(predictorOf([])), features: down },
      ),
    ).rejects.toThrow('no lake');
  });

  it('says which scorers there are, checks the request, and can be cancelled', async () => {
    const options = { at: AT, before: 'ranker', ports: portsOf(predictorOf([])), features: readerOf(7, []) };
    await expect(build().candidatesAt({ userId: 'u' }, { ...options, before: 'other' })).rejects.toThrow(
      'has no scorer named "other". Its scorers: light, ranker.',
    );
    await expect(build().candidatesAt({ user: 'u' }, options)).rejects.toMatchObject({
      code: 'MILONGA_REQUEST_INVALID',
    });
    await expect(
      build().candidatesAt({ userId: 'u' }, { ...options, signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'MILONGA_ABORTED' });
  });

  it('leaves no promise and no memory behind: thousands of groups in one process', async () => {
    const complete = build();
    const options = { at: AT, before: 'ranker', ports: portsOf(predictorOf([])), features: readerOf(7, []) };
    const frames = await Promise.all(
      Array.from({ length: 500 }, () => complete.candidatesAt({ userId: 'u' }, options)),
    );
    expect(new Set(frames.map((frame) => frame.length))).toEqual(new Set([3]));
  });
});
