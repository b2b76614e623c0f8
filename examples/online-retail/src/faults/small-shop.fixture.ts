import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { local } from '@milonga/adapters-local';
import { compute, fromList, fromModel, fromQuery, pipeline, queryFeatures, topK } from '@milonga/coordinator';
import {
  days,
  defineRecommender,
  entity,
  event,
  FeatureReader,
  float64,
  HistoricalFeatureReader,
  hours,
  int32,
  Lake,
  quarantined,
  type Recommender,
  string,
} from '@milonga/core';
import { count, featureView, lastDistinct, sum } from '@milonga/feature-store';
import { predictor } from '@milonga/predictor';
import { type RunningRecommender, type StartOptions, startRecommender } from '@milonga/service';
import { popularity } from '@milonga/trainer';

export const purchase = event('purchase', {
  customerId: string(),
  stockCode: string(),
  quantity: int32(),
  unitPrice: float64(),
});

export const history = featureView('customer-history', {
  entity: entity('customer', 'customerId'),
  from: purchase,
  by: 'customerId',
  lateness: hours(1),
  features: { purchases: count(), quantity: sum('quantity'), recentItems: lastDistinct('stockCode', 50) },
});

export const trending = popularity('trending', {
  every: days(30),
  holdout: days(1),
  minimumRows: 1,
  interactions: { from: purchase, user: 'customerId', item: 'stockCode', window: days(60) },
});

const input = { customerId: string(), limit: int32() };

const boughtBefore = fromQuery(
  'bought-before',
  (query: { readonly recentItems: readonly string[] }) => query.recentItems,
);
const popular = fromModel('trending', { limit: 50, score: 'popularity', query: {} });
const relevance = compute('relevance', { relevance: float64() }, (item: { readonly popularity: number | null }) => ({
  relevance: item.popularity ?? 0,
}));

/** What the customer bought and what is popular; nothing stands in where there is no model. */
export const forYou = pipeline('for-you', { input, defaults: { limit: 10 } })
  .query(queryFeatures(history))
  .sources(boughtBefore, popular)
  .hydrate(relevance)
  .select(topK((query) => query.limit, 'relevance'));

/** The same, with the picks of an editor behind it. */
export const withPicks = pipeline('with-picks', { input, defaults: { limit: 3 } })
  .query(queryFeatures(history))
  .sources(boughtBefore, popular)
  .fallback(fromList('picks', ['pick-1', 'pick-2', 'pick-3']))
  .hydrate(relevance)
  .select(topK((query) => query.limit, 'relevance'));

/** A shop small enough to see through, of the same packages as the large one. */
export const smallShop = (dir: string): Recommender =>
  defineRecommender({
    name: 'small-shop',
    adapters: [local({ dir, partitions: 2, retryDelayMs: 10 }), predictor()],
    events: [purchase],
    views: [history],
    models: [trending],
    pipelines: [forYou, withPicks],
  });

export const startShop = (dir: string, options: StartOptions = {}): Promise<RunningRecommender> =>
  startRecommender(smallShop(dir), { logging: { level: 'silent' }, ...options });

/** A directory of its own, removed at the end. */
export function temporaryDirectory(): Disposable & { readonly dir: string } {
  const dir = mkdtempSync(join(tmpdir(), 'milonga-faults-'));
  return { dir, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}

/** An answer over HTTP, its body parsed. */
export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into bodies of many shapes
  readonly body: any;
}

export async function post(url: string | undefined, path: string, body: string | object): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

/** An event of the shop as a client hands it in. */
export const bought = (id: string, customerId: string, stockCode: string, more: object = {}): object => ({
  type: 'purchase',
  id,
  payload: { customerId, stockCode, quantity: 1, unitPrice: 2.5 },
  ...more,
});

export interface QuarantineRow {
  readonly id: string;
  readonly type: string;
  readonly reason: string;
  readonly payload: string;
}

/** What the lake's table of refused events holds, by id. */
export async function quarantineOf(running: RunningRecommender): Promise<ReadonlyMap<string, QuarantineRow>> {
  const rows = await rowsOf<QuarantineRow>(running, quarantined.name);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Every row of a table of the lake. */
export async function rowsOf<R>(running: RunningRecommender, table: string): Promise<readonly R[]> {
  const lake = await running.get(Lake);
  const rows: R[] = [];
  for await (const frame of lake.query(`SELECT * FROM ${lake.dialect.table(table)}`))
    rows.push(...(frame.toRows() as unknown as R[]));
  return rows;
}

/** What is known online of customers, now. */
export async function featuresOf(
  running: RunningRecommender,
  customers: readonly string[],
): Promise<readonly object[]> {
  return read(await running.get(FeatureReader), customers);
}

/** The same, out of the events in the lake. */
export async function historyOf(running: RunningRecommender, customers: readonly string[]): Promise<readonly object[]> {
  return read(await running.get(HistoricalFeatureReader), customers);
}

async function read(reader: FeatureReader, customers: readonly string[]): Promise<readonly object[]> {
  const [batch] = await reader.read({ views: [history], keys: [customers] }, { at: Date.now() });
  return batch.frame.toRows();
}
