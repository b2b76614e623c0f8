// Promises of the types. Each expected error sits on the line where a user would look for it.
import {
  boolean,
  entity,
  type FeatureViewShape,
  Frame,
  float64,
  int32,
  list,
  nullable,
  type Row,
  string,
  vector,
} from '@milonga/core';
import { experiment } from '../experiment/experiment.ts';
import { vary } from '../experiment/vary.ts';
import { noPorts } from '../run/binding.ts';
import type { Candidates } from '../stage/candidates.ts';
import { compute, computeColumns } from '../stages/compute.ts';
import { diversify } from '../stages/diversify.ts';
import { features } from '../stages/features.ts';
import { fromList, fromQuery } from '../stages/from-list.ts';
import { fromModel } from '../stages/from-model.ts';
import { keepIf } from '../stages/keep-if.ts';
import { linear } from '../stages/linear.ts';
import { logPrediction } from '../stages/log-prediction.ts';
import { notIn } from '../stages/not-in.ts';
import { predict } from '../stages/predict.ts';
import { queryFeatures } from '../stages/query-features.ts';
import { topK } from '../stages/top-k.ts';
import { pipeline } from './define-pipeline.ts';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const expectType = <_Check extends true>(): void => {};

const input = { userId: string(), limit: int32() };
type Query = Row<typeof input>;
const limit = (query: { readonly limit: number }): number => query.limit;
const none = (items: Candidates<unknown>): undefined[] => items.ids().map(() => undefined);
const id = string();
const item = { id, ageHours: float64(), price: nullable(float64()), isLive: boolean() };
type Item = {
  readonly id: string;
  readonly ageHours: number;
  readonly price: number | null;
  readonly isLive: boolean;
};
const begin = pipeline('types', { input });
const start = begin.sources({ name: 'pool', columns: item, fetch: () => [] });
const activity = { clicks: int32(), embedding: vector(8) };
const hydrated = start.hydrate({ name: 'activity', columns: activity, hydrate: none, onMissing: 'drop' });
type Hydrated = Item & { readonly clicks: number; readonly embedding: Float32Array };

// ---- what must be inferred
expectType<Equal<Row<typeof item>, Item>>();
hydrated.filter(
  keepIf('typed', (row, query) => {
    expectType<Equal<typeof row, { readonly [Name in keyof Hydrated]: Hydrated[Name] }>>();
    expectType<Equal<typeof query, Query>>();
    return true;
  }),
);
// parallel hydrators, each with its own columns
start
  .hydrate(
    { name: 'a', columns: { a: float64() }, hydrate: (items) => items.ids().map(() => ({ a: 1 })), onMissing: 'drop' },
    compute('b', { b: string() }, (row, query) => ({ b: query.userId + row.ageHours.toFixed() })),
    computeColumns('c', { c: float64() }, (candidates) => ({ c: candidates.numbers('ageHours') })),
  )
  .filter(keepIf('all', (row) => row.a > row.b.length && row.c > 0));
// a stage on its own fits any wider row
const fresh = keepIf('fresh', (row: { readonly ageHours: number }) => row.ageHours < 48);
hydrated.filter(fresh);
// exact memory, by name
const ages: Float64Array = Frame.fromRows(item, []).column('ageHours').values;
void ages;
// fields that query hydrators add
const asked = begin
  .query({ name: 'history', hydrate: async () => ({ seen: ['a'] }), fallback: { seen: [] } })
  .query({ name: 'profile', hydrate: (query) => ({ country: query.seen.length > 0 ? 'FR' : 'DE' }) });
asked.sources(fromQuery('again', (query) => query.seen)).filter(
  notIn('unseen', (query) => query.seen),
  keepIf('here', (_row, query) => {
    type All = { readonly userId: string; readonly limit: number; readonly seen: string[]; readonly country: string };
    expectType<Equal<typeof query, All>>();
    return query.country === 'FR';
  }),
);
// features of views, of items and of the query
const itemView: FeatureViewShape<{ readonly sold: ReturnType<typeof float64> }> = {
  kind: 'feature-view',
  name: 'item-activity',
  entity: entity('item', 'stockCode'),
  fields: { sold: float64() },
  fingerprint: '1',
};
const historyFields = { recent: list(string()) };
const historyView: FeatureViewShape<typeof historyFields> = {
  kind: 'feature-view',
  name: 'history',
  entity: entity('user', 'userId'),
  fields: historyFields,
  fingerprint: '1',
};
const known = begin
  .query(queryFeatures(historyView))
  .sources(
    fromQuery('again', (query) => query.recent),
    fromModel('taste', { score: 'taste', query: { history: 'recent' }, limit: 50 }),
  )
  .hydrate(features(itemView), features({ views: [historyView], ages: { history: 'historyAgeMs' } }));
known
  .filter(
    keepIf(
      'sold',
      (row) => row.sold > 0 && (row.taste ?? 0) >= 0 && (row.historyAgeMs ?? 0) < 10 && row.recent.length > 0,
    ),
  )
  .score(predict('ranker', { query: { history: 'recent' } }))
  .score(predict('other', { outputs: { score: 'second' } }))
  .select(
    diversify(
      topK(
        (query) => query.limit,
        (row) => row.ranker + row.second,
      ),
      'id',
      { maxPerGroup: 2 },
    ),
  )
  .returning('id', 'ranker')
  .sideEffects(logPrediction(), {
    name: 'mine',
    run: ({ items, query }) => {
      expectType<
        Equal<typeof items, readonly Pick<{ readonly id: string; readonly ranker: number }, 'id' | 'ranker'>[]>
      >();
      void query.recent;
    },
  });
// what has a default may be left out; items of the slate
const complete = pipeline('defaults', { input, defaults: { limit: 20 } }).sources(fromList('list', ['a']));
const bound = complete
  .select(
    topK(
      (query) => query.limit,
      (row) => row.id.length,
    ),
  )
  .bind(noPorts);
void bound.run({ userId: 'u', limit: 3 });
void bound
  .run({ userId: 'u' })
  .then(({ items: [first] }) => expectType<Equal<typeof first, { readonly id: string } | undefined>>());
// stages under an experiment keep their types
const test = experiment({ name: 'test', variants: { control: { least: 1 }, treatment: { least: 2 } } });
hydrated.filter(vary(test, ({ least }) => keepIf('least', (row) => row.clicks >= least)));
hydrated.score(vary(test, ({ least }) => linear('relevance', { clicks: least }))).select(topK(5, 'relevance'));

// ---- what must not compile
// @ts-expect-error nobody hydrated `clicks`
start.filter(keepIf('clicked', (row) => row.clicks > 0));
// @ts-expect-error a nullable column must be checked first
start.filter(keepIf('cheap', (row) => row.price < 10));
start.filter(keepIf('cheap', (row) => row.price !== null && row.price < 10));
// @ts-expect-error there is no score before .score()
start.select(topK(limit, (row) => row.relevance));
// @ts-expect-error nor by name
start.select(topK(limit, 'relevance'));
// @ts-expect-error a column to rank by holds numbers
start.select(topK(limit, 'isLive'));
// @ts-expect-error nor a column to diversify by that nobody has
start.select(diversify(topK(limit, 'ageHours'), 'category', { maxPerGroup: 2 }));
// @ts-expect-error candidates cannot be filtered before there are sources
begin.filter;
// @ts-expect-error nor hydrated
begin.hydrate;
// @ts-expect-error fallback sources come right after the sources
hydrated.fallback;
// @ts-expect-error nothing follows the selection but the edge
start.select(topK(limit, 'ageHours')).filter;
// @ts-expect-error a pipeline without a selection cannot run
start.bind;
// @ts-expect-error a selection needs a selector
start.select();
// @ts-expect-error onMissing is required
start.hydrate({ name: 'h', columns: activity, hydrate: none });
// @ts-expect-error 'skip' needs a value to use instead
start.hydrate({ name: 'h', columns: activity, hydrate: none, onMissing: 'drop', onFailure: 'skip' });
const clicks = { clicks: int32() };
// @ts-expect-error the rows must have the declared columns
start.hydrate({ name: 'h', columns: clicks, hydrate: () => [{ clicks: 'many' }], onMissing: 'drop' });
// @ts-expect-error so must computed ones
start.hydrate(compute('h', clicks, () => ({ clicks: 'many' })));
// @ts-expect-error a computed feature reads what is there
start.hydrate(compute('h', clicks, (row) => ({ clicks: row.views })));
// @ts-expect-error a weight needs a column of that name
start.score(linear('relevance', { clicks: 1 }));
// @ts-expect-error and not a nullable one
start.score(linear('relevance', { price: 1 }));
// @ts-expect-error nor a string
start.score(linear('relevance', { id: 1 }));
// @ts-expect-error a model is handed fields that the query has
start.score(predict('ranker', { query: { history: 'recent' } }));
// @ts-expect-error also one that proposes
begin.sources(fromModel('taste', { query: { history: 'recent' } }));
// @ts-expect-error a source must name its candidates
begin.sources({ name: 's', columns: { ageHours: float64() }, fetch: () => [] });
// @ts-expect-error the fallback must have the type of what it replaces
begin.query({ name: 'q', hydrate: async () => ({ seen: new Set<string>() }), fallback: { seen: [] } });
// @ts-expect-error only what is there can be returned
start.select(topK(limit, 'ageHours')).returning('clicks');
// @ts-expect-error the sentence 'Column "clicks" exists already: rename it' stands in the error
hydrated.hydrate({ name: 'again', columns: clicks, hydrate: none, onMissing: 'drop' });
// @ts-expect-error the sentence 'A fallback source needs a column "ageHours"' stands in the error
start.fallback(fromList('popular', ['a']));
const other = { id, ageHours: float64(), isLive: boolean(), other: int32() };
// @ts-expect-error the sentence 'No source has a column "other"' stands in the error
start.fallback({ name: 'popular', columns: other, fetch: () => [] });
start.fallback({ name: 'popular', columns: { id, ageHours: float64(), isLive: boolean() }, fetch: () => [] });
// @ts-expect-error a default must have the type of its field
pipeline('d', { input, defaults: { limit: 'twenty' } });
// @ts-expect-error and a field
pipeline('d', { input, defaults: { size: 20 } });
// @ts-expect-error what has no default must be given
void bound.run({ limit: 3 });
// @ts-expect-error a variant has the parameters that are varied, and no others
vary(test, ({ most }) => keepIf('most', () => most > 0));

// A column that only one source has may be null afterwards; one that both have may not.
const two = begin.sources(
  { name: 'pool', columns: { id, ageHours: float64() }, fetch: () => [] },
  { name: 'similar', columns: { id, ageHours: float64(), similarity: float64() }, fetch: async () => [] },
);
// @ts-expect-error `similarity` is unknown for candidates of 'pool'
two.filter(keepIf('similar', (row) => row.similarity > 0.5));
two.filter(keepIf('similar', (row) => row.ageHours < 1 && (row.similarity ?? 0) > 0.5));
