import {
  entity,
  type FeatureBatch,
  FeatureReader,
  type FeatureRequest,
  type FeatureViewShape,
  type Fields,
  Frame,
  float64,
  int32,
  list,
  nullable,
  type Port,
  type Ports,
  type Row,
  string,
} from '@milonga/core';
import { describe, expect, it } from 'vitest';
import { pipeline } from '../pipeline/define-pipeline.ts';
import { compute, computeColumns } from './compute.ts';
import { features } from './features.ts';
import { fromList } from './from-list.ts';
import { keepIf } from './keep-if.ts';
import { queryFeatures } from './query-features.ts';
import { topK } from './top-k.ts';

const view = <F extends Fields>(name: string, of: FeatureViewShape['entity'], fields: F): FeatureViewShape<F> => ({
  kind: 'feature-view',
  name,
  entity: of,
  fields,
  fingerprint: '1',
});
const customer = entity('customer', 'customerId');
const item = entity('item', 'stockCode');
const pair = entity('customer-item', 'customerId', 'stockCode');
const activity = view('activity', item, { sold: float64() });
const price = view('price', item, { price: nullable(float64()) });
const history = view('history', customer, { recent: list(string()), spent: float64() });
const bought = view('bought', pair, { times: int32() });

/** Knows what it is given by view and key; counts its reads. */
class LiteralReader implements FeatureReader {
  readonly requests: FeatureRequest[] = [];
  readonly moments: number[] = [];
  readonly #rows: Readonly<Record<string, Readonly<Record<string, object>>>>;
  constructor(rows: Readonly<Record<string, Readonly<Record<string, object>>>>) {
    this.#rows = rows;
  }
  async read<const Views extends readonly FeatureViewShape[]>(
    request: FeatureRequest<Views>,
    { at }: { readonly at: number },
  ): Promise<{ readonly [At in keyof Views]: Views[At] extends FeatureViewShape<infer F> ? FeatureBatch<F> : never }> {
    this.requests.push(request);
    this.moments.push(at);
    const keys = request.keys[0]!.map((_, row) => request.keys.map((part) => part[row]).join('/'));
    return request.views.map((one): FeatureBatch => {
      const known = this.#rows[one.name] ?? {};
      const empty = Object.fromEntries(
        Object.entries(one.fields).map(([name, type]) => [
          name,
          type.isNullable ? null : type.kind === 'list' ? [] : 0,
        ]),
      );
      return {
        frame: Frame.fromRows(
          one.fields,
          keys.map((key) => (known[key] ?? empty) as Row<Fields>),
        ),
        found: Uint8Array.from(keys, (key) => (known[key] === undefined ? 0 : 1)),
        newestAt: Float64Array.from(keys, (key) => (known[key] === undefined ? Number.NaN : at - 1_000)),
      };
    }) as never;
  }
}
const reader = (): LiteralReader =>
  new LiteralReader({
    activity: { a: { sold: 3 }, c: { sold: 1 } },
    price: { a: { price: 2.5 } },
    history: { ada: { recent: ['a', 'b'], spent: 10 } },
    bought: { 'ada/c': { times: 4 } },
  });
const portsOf = (features: FeatureReader): Ports => ({
  has: (port) => port.key === FeatureReader.key,
  get: <T>(_port: Port<T>) => features as T,
});
const begin = () => pipeline('test', { input: { customerId: string(), limit: int32() }, defaults: { limit: 9 } });

describe('features', () => {
  it('reads all views of an entity at once: by id, by (query field, id), and for the whole query', async () => {
    const found = reader();
    const slate = await begin()
      .sources(fromList('list', ['a', 'b', 'c']))
      .hydrate(features(activity, bought, price, history))
      .select(topK(9, 'sold'))
      .bind(portsOf(found))
      .run({ customerId: 'ada' });
    expect(slate.items).toEqual([
      { id: 'a', sold: 3, times: 0, price: 2.5, recent: ['a', 'b'], spent: 10 },
      { id: 'c', sold: 1, times: 4, price: null, recent: ['a', 'b'], spent: 10 },
      { id: 'b', sold: 0, times: 0, price: null, recent: ['a', 'b'], spent: 10 },
    ]);
    expect(found.requests.map(({ views, keys }) => [views.map((one) => one.name), keys])).toEqual([
      [['activity', 'price'], [['a', 'b', 'c']]],
      [
        ['bought'],
        [
          ['ada', 'ada', 'ada'],
          ['a', 'b', 'c'],
        ],
      ],
      [['history'], [['ada']]],
    ]);
  });

  it('reads only what is left after the filters, and puts it where it belongs', async () => {
    const found = reader();
    const slate = await begin()
      .sources(fromList('list', ['b', 'a', 'c']))
      .filter(keepIf('not-a', (row) => row.id !== 'a'))
      .hydrate(features(activity))
      .select(topK(9, 'sold'))
      .bind(portsOf(found))
      .run({ customerId: 'ada' });
    expect([slate.items, found.requests[0]?.keys]).toEqual([
      [
        { id: 'c', sold: 1 },
        { id: 'b', sold: 0 },
      ],
      [['b', 'c']],
    ]);
  });

  it('gives ages, null where nothing is known, and takes keys from elsewhere', async () => {
    const slate = await pipeline('test', { input: { who: string(), limit: int32() } })
      .sources(fromList('list', ['c', 'b']))
      .hydrate(features({ views: [bought], keys: { customerId: 'who' }, ages: { bought: 'ageMs' }, name: 'mine' }))
      .select(topK(9, 'times'))
      .bind(portsOf(reader()))
      .run({ who: 'ada', limit: 1 });
    expect(slate.items).toEqual([
      { id: 'c', times: 4, ageMs: 1_000 },
      { id: 'b', times: 0, ageMs: null },
    ]);
  });

  it('says in words what it cannot know', async () => {
    expect(() => features(activity, view('again', item, { sold: float64() }))).toThrow(
      'have a feature "sold"; rename one of the two',
    );
    const lost = pipeline('test', { input: { who: string(), limit: int32() } })
      .sources(fromList('list', ['c']))
      .hydrate(features(bought))
      .select(topK(9, 'times'));
    await expect(lost.bind(portsOf(reader())).run({ who: 'ada', limit: 1 })).rejects.toThrow(
      'the query has no field customerId nor stockCode',
    );
    expect(() =>
      begin()
        .sources({ name: 's', columns: { id: string(), sold: float64() }, fetch: () => [] })
        .hydrate(features(activity) as never),
    ).toThrow('Column "sold" exists already');
  });
});

describe('queryFeatures', () => {
  it("adds the customer's own rows, and those of an unknown customer are empty", async () => {
    const found = reader();
    const bound = begin()
      .query(queryFeatures(history))
      .sources({ name: 'recent', columns: { id: string() }, fetch: (query) => query.recent.map((id) => ({ id })) })
      .filter(keepIf('rich', (_row, query) => query.spent > 1))
      .select(topK(9, (row) => row.id.length))
      .bind(portsOf(found));
    expect((await bound.run({ customerId: 'ada' })).items).toEqual([{ id: 'a' }, { id: 'b' }]);
    expect((await bound.run({ customerId: 'nobody' })).items).toEqual([]);
    expect(found.requests[0]?.keys).toEqual([['ada']]);
  });

  it('uses what it is told to when the reader fails', async () => {
    const down: FeatureReader = { read: () => Promise.reject(new Error('down')) };
    const start = (stage: typeof mild) =>
      begin()
        .query(stage)
        .sources(fromList('list', ['a']))
        .filter(keepIf('rich', (_row, query) => query.spent >= 0))
        .select(topK(9, (row) => row.id.length));
    const mild = { ...queryFeatures(history), fallback: { recent: [], spent: 0 } };
    const slate = await start(mild).bind(portsOf(down)).run({ customerId: 'ada' });
    expect([slate.items, slate.degraded]).toEqual([[{ id: 'a' }], ['history']]);
    await expect(
      start(queryFeatures(history) as typeof mild)
        .bind(portsOf(down))
        .run({ customerId: 'ada' }),
    ).rejects.toThrow('Stage "history" of pipeline "test" failed: down');
  });
});

describe('compute', () => {
  it('computes from item, query and moment, by row and by column', async () => {
    const slate = await begin()
      .query({ name: 'profile', hydrate: () => ({ factor: 10 }) })
      .sources({
        name: 's',
        columns: { id: string(), x: float64() },
        fetch: () => [
          { id: 'a', x: 1 },
          { id: 'b', x: 3 },
        ],
      })
      .hydrate(
        compute('scaled', { scaled: float64(), label: nullable(string()) }, (row, query, { now }) => ({
          scaled: row.x * query.factor + (now > 0 ? 0.5 : 0),
          label: row.x > 2 ? 'big' : null,
        })),
      )
      .hydrate(
        computeColumns('share', { share: float64() }, (candidates) => ({
          share: candidates.numbers('x').map((x) => x / 4),
        })),
      )
      .select(topK(9, 'scaled'))
      .bind(portsOf(reader()))
      .run({ customerId: 'ada' });
    expect(slate.items).toEqual([
      { id: 'b', x: 3, scaled: 30.5, label: 'big', share: 0.75 },
      { id: 'a', x: 1, scaled: 10.5, label: null, share: 0.25 },
    ]);
  });
});
