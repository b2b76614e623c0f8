import {
  type Frame,
  float64,
  hours,
  int32,
  list,
  MilongaError,
  minutes,
  type Port,
  type Ports,
  Predictor,
  string,
} from '@milonga/core';
import { testClock } from '@milonga/testing';
import { describe, expect, it } from 'vitest';
import { pipeline } from '../pipeline/define-pipeline.ts';
import { cached } from './cached.ts';
import { fromList } from './from-list.ts';
import { fromModel } from './from-model.ts';
import { predict } from './predict.ts';
import { topK } from './top-k.ts';

const portsOf = (...given: readonly (readonly [Port<unknown>, unknown])[]): Ports => {
  const held = new Map(given.map(([port, instance]) => [port.key, instance]));
  return {
    has: (port) => held.has(port.key),
    get: <T>(port: Port<T>): T => {
      if (!held.has(port.key)) throw new MilongaError('MILONGA_WIRING_PORT_MISSING', `No "${port.id}" here.`);
      return held.get(port.key) as T;
    },
  };
};

/** Scores by the length of the history and the number in the id; proposes fixed items. */
class LiteralPredictor implements Predictor {
  readonly asked: { model: string; rows: readonly object[] }[] = [];
  async predict(model: string, rows: Frame) {
    this.asked.push({ model, rows: rows.toRows() });
    const score = Float64Array.from(
      rows.toRows() as { id: string; history?: readonly string[] }[],
      (row) => Number(row.id.slice(1)) + (row.history?.length ?? 0) * 10,
    );
    return {
      scores: model === 'two-headed' ? { click: score, buy: score.map((one) => -one) } : { output: score },
      model,
      version: '7',
    };
  }
  async retrieve(model: string, rows: Frame, limit: number) {
    this.asked.push({ model, rows: rows.toRows() });
    const ids = ['i3', 'i1', 'i2'].slice(0, limit);
    return {
      offsets: Int32Array.of(0, ids.length),
      ids,
      scores: Float64Array.from(ids, (_, at) => 1 / (at + 1)),
      model,
      version: '3',
    };
  }
  liveVersion(): string {
    return '7';
  }
}
const input = { userId: string(), limit: int32() };
const limit = (query: { readonly limit: number }): number => query.limit;
const begin = () =>
  pipeline('test', { input }).query({
    name: 'history',
    columns: { recent: list(string()) },
    hydrate: () => ({ recent: [] as readonly string[], odd: new Map() }),
  });

describe('predict', () => {
  it('hands over the candidates that are left, with fields of the query beside them', async () => {
    const predictor = new LiteralPredictor();
    const slate = await pipeline('test', { input })
      .query({ name: 'history', columns: { recent: list(string()) }, hydrate: () => ({ recent: ['x', 'y'] }) })
      .sources(fromList('list', ['i1', 'i5', 'i3']))
      .filter({ name: 'not-first', mask: (items) => Uint8Array.from(items.ids(), (id) => (id === 'i1' ? 0 : 1)) })
      .score(predict('ranker', { query: { history: 'recent', who: 'userId' } }))
      .select(topK(limit, 'ranker'))
      .bind(portsOf([Predictor, predictor]))
      .run({ userId: 'ada', limit: 9 });
    expect(slate.items).toEqual([
      { id: 'i5', ranker: 25 },
      { id: 'i3', ranker: 23 },
    ]);
    expect(slate.versions).toEqual(['ranker@7']);
    expect(predictor.asked[0]?.rows).toEqual([
      { id: 'i5', history: ['x', 'y'], who: 'ada' },
      { id: 'i3', history: ['x', 'y'], who: 'ada' },
    ]);
  });

  it('names columns by output, and says which outputs there are', async () => {
    const start = pipeline('test', { input }).sources(fromList('list', ['i1', 'i5']));
    const ports = portsOf([Predictor, new LiteralPredictor()]);
    const two = await start
      .score(predict('two-headed', { outputs: { buy: 'sale', click: 'tap' } }))
      .select(topK(limit, 'sale'))
      .bind(ports)
      .run({ userId: 'u', limit: 1 });
    expect(two.items).toEqual([{ id: 'i1', sale: -1, tap: 1 }]);
    const run = (scorer: ReturnType<typeof predict>) =>
      start
        .score(scorer)
        .select(topK(limit, () => 1))
        .bind(ports)
        .run({ userId: 'u', limit: 1 });
    await expect(run(predict('two-headed'))).rejects.toThrow('has the outputs click, buy; name their columns');
    await expect(run(predict('ranker', { outputs: { click: 'tap' } }))).rejects.toThrow(
      'has no output "click"; it has output',
    );
  });
});

describe('fromModel', () => {
  it('asks with the query as one row, typed as declared or as it shows', async () => {
    const predictor = new LiteralPredictor();
    const slate = await begin()
      .sources(fromModel('taste', { limit: 2, score: 'taste' }), fromList('list', ['i9']))
      .select(topK(limit, (item) => item.taste ?? 0.1))
      .bind(portsOf([Predictor, predictor]))
      .run({ userId: 'ada', limit: 9 });
    expect(slate.items).toEqual([
      { id: 'i3', taste: 1 },
      { id: 'i1', taste: 0.5 },
      { id: 'i9', taste: null },
    ]);
    expect([slate.versions, predictor.asked]).toEqual([
      ['taste@3'],
      [{ model: 'taste', rows: [{ userId: 'ada', limit: 9, recent: [] }] }],
    ]);
    const mapped = begin()
      .sources(fromModel('taste', { query: { history: 'recent' } }))
      .select(topK(limit, (item) => item.id.length));
    await mapped.bind(portsOf([Predictor, predictor])).run({ userId: 'ada', limit: 9 });
    expect(predictor.asked[1]?.rows).toEqual([{ history: [] }]);
    const odd = begin()
      .sources({ ...fromModel('taste', { query: { history: 'odd' } }), onFailure: 'fail' })
      .select(topK(limit, (item) => item.id.length));
    await expect(odd.bind(portsOf([Predictor, predictor])).run({ userId: 'ada', limit: 9 })).rejects.toThrow(
      'Query field "odd" cannot be a column',
    );
  });
});

describe('ports', () => {
  it('are checked when a pipeline is bound, and kept to what a stage names', async () => {
    const complete = pipeline('test', { input })
      .sources(fromModel('taste'))
      .select(topK(limit, (item) => item.id.length));
    expect(() => complete.bind(portsOf())).toThrow('Stage "taste" of pipeline "test" needs the port "predictor/1"');
    const sly = {
      name: 'sly',
      columns: { id: string() },
      onFailure: 'fail' as const,
      fetch: (_query: unknown, context: { readonly ports: Ports }) => {
        context.ports.get(Predictor);
        return [];
      },
    };
    const other = pipeline('test', { input })
      .sources(sly)
      .select(topK(limit, (item) => item.id.length));
    await expect(
      other.bind(portsOf([Predictor, new LiteralPredictor()])).run({ userId: 'u', limit: 1 }),
    ).rejects.toThrow('without naming it in its `needs`');
  });
});

describe('cached', () => {
  const setUp = (fetch: () => Promise<readonly { id: string }[]>) => {
    const clock = testClock({ now: 1_000_000 });
    const source = cached(
      { name: 'slow', columns: { id: string() }, fetch },
      { ttl: minutes(1), stale: hours(1), key: (query: { readonly userId: string }) => query.userId },
    );
    const complete = pipeline('test', { input, defaults: { limit: 9 }, budgetMs: 500 })
      .sources(source)
      .select(topK(limit, (item) => item.id.length));
    const bound = complete.bind(portsOf(), { clock });
    return { clock, complete, ask: async (userId = 'u') => (await bound.run({ userId })).items.map((item) => item.id) };
  };

  it('asks once per key and TTL, and shares a question', async () => {
    let asked = 0;
    const { clock, ask, complete } = setUp(async () => [{ id: `a${++asked}` }]);
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([['a1'], ['a1'], ['a1']]);
    await clock.advanceBy(59_999);
    expect([await ask(), await ask('other')]).toEqual([['a1'], ['a2']]);
    expect((await complete.bind(portsOf(), { clock }).run({ userId: 'u' })).items).toEqual([{ id: 'a3' }]); // nothing is kept in the definition
  });

  it('serves the old while it asks anew, survives an outage, and gives up in the end', async () => {
    let find = async (): Promise<readonly { id: string }[]> => [{ id: 'first' }];
    const { clock, ask } = setUp(() => find());
    await ask();
    find = () => Promise.reject(new Error('down'));
    await clock.advanceBy(minutes(30).ms);
    expect([await ask(), await ask()]).toEqual([['first'], ['first']]);
    find = async () => [{ id: 'second' }];
    expect(await ask()).toEqual(['first']);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await ask()).toEqual(['second']);
    find = () => Promise.reject(new Error('down'));
    await clock.advanceBy(hours(2).ms);
    expect(await ask()).toEqual([]);
  });
});

it('a frame of the predictor is never kept: each request gets its own', async () => {
  const frames = new Set<Frame>();
  const predictor = new LiteralPredictor();
  const spy: Predictor = {
    ...predictor,
    liveVersion: () => '1',
    retrieve: predictor.retrieve,
    predict: (model, rows) => {
      frames.add(rows);
      return predictor.predict(model, rows);
    },
  };
  const bound = pipeline('test', { input })
    .sources({
      name: 's',
      columns: { id: string(), x: float64() },
      fetch: () => [
        { id: 'i1', x: 1 },
        { id: 'i1', x: 2 },
      ],
    })
    .score(predict('ranker'))
    .select(topK(limit, 'ranker'))
    .bind(portsOf([Predictor, spy]));
  await bound.run({ userId: 'u', limit: 1 });
  await bound.run({ userId: 'u', limit: 1 });
  expect([frames.size, [...frames].map((frame) => frame.length)]).toEqual([2, [1, 1]]);
});
