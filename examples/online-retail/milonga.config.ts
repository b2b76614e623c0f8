import { local } from '@milonga/adapters-local';
import {
  compute,
  experiment,
  features,
  fromModel,
  fromQuery,
  logPrediction,
  pipeline,
  predict,
  queryFeatures,
  topK,
  vary,
} from '@milonga/coordinator';
import { days, defineRecommender, entity, event, float64, hours, int32, string } from '@milonga/core';
import { approxDistinct, count, decayedCount, featureView, lastDistinct, lastEventAt } from '@milonga/feature-store';
import { predictor } from '@milonga/predictor';
import {
  als,
  duration,
  floor,
  identity,
  itemKnn,
  logisticRanker,
  popularity,
  regression,
  size,
} from '@milonga/trainer';

// ---- What happens: events, and the things they are about

const line = {
  customerId: string(),
  stockCode: string(),
  invoice: string(),
  quantity: int32(),
  unitPrice: float64(),
  country: string(),
};
export const purchase = event('purchase', line);
export const returned = event('return', line);

const customer = entity('customer', 'customerId');
const item = entity('item', 'stockCode');
const customerItem = entity('customer-item', 'customerId', 'stockCode');

// ---- What is known of them: each view is one definition for streaming, serving and training

/** How late an event may come and still count. */
const lateness = hours(1);

export const customerHistory = featureView('customer-history', {
  entity: customer,
  from: purchase,
  by: 'customerId',
  lateness,
  features: {
    recentItems: lastDistinct('stockCode', 300),
    invoices: approxDistinct('invoice'),
  },
});

export const itemActivity = featureView('item-activity', {
  entity: item,
  from: purchase,
  by: 'stockCode',
  lateness,
  features: {
    sold7d: decayedCount({ halfLife: days(7) }),
    sold30d: decayedCount({ halfLife: days(30) }),
    lastSoldAt: lastEventAt(),
  },
});

export const customerItemHistory = featureView('customer-item-history', {
  entity: customerItem,
  from: purchase,
  by: ['customerId', 'stockCode'],
  lateness,
  features: {
    bought: count(),
    boughtLately: decayedCount({ halfLife: days(120) }),
  },
});

// ---- What is learned, every thirty days of event time

const interactions = { from: purchase, user: 'customerId', item: 'stockCode' } as const;
const schedule = { every: days(30), holdout: days(7) };

export const trending = popularity('trending', {
  ...schedule,
  interactions: { ...interactions, window: days(60), halfLife: days(10) },
});

export const boughtTogether = itemKnn('bought-together', {
  ...schedule,
  interactions: { ...interactions, window: days(180) },
  parameters: { neighbours: 50, userDegreeExponent: 1, popularityAsymmetry: 0.4, shrinkage: 0.1, historyLimit: 100 },
  gates: [
    floor({ metric: 'recall@20', atLeast: 0.01 }),
    regression({ metric: 'recall@20', tolerance: 0.5 }),
    size(64 * 1_024 ** 2),
  ],
});

export const taste = als('taste', {
  ...schedule,
  interactions: { ...interactions, window: days(180), halfLife: days(120), repeats: 'counted' },
  parameters: { factors: 32, regularisation: 0.3, regularisationExponent: 1, alpha: 2, iterations: 4 },
  gates: [
    floor({ metric: 'recall@20', atLeast: 0.01 }),
    regression({ metric: 'recall@20', tolerance: 0.5 }),
    size(64 * 1_024 ** 2),
  ],
});

/** What the ranker looks at; computed by the same lines in serving and in training. */
const signals = {
  share: float64(),
  lately: float64(),
  has: float64(),
  stale: float64(),
  trend7d: float64(),
  trend30d: float64(),
  together: float64(),
  similar: float64(),
};

export const ranker = logisticRanker('ranker', {
  ...schedule,
  pipeline: () => forYou,
  before: 'ranker',
  after: [trending, boughtTogether, taste],
  labels: {
    ...interactions,
    group: 'invoice',
    onlyReturning: true,
    input: ({ user }) => ({ customerId: user, limit: 20 }),
  },
  sample: { groups: 300, negatives: 50, holdoutGroups: 60 },
  features: Object.keys(signals).map((name) => identity(name)),
  gates: [regression({ metric: 'ndcg@20', tolerance: 0.3 }), duration(days(1))],
});

// ---- How a request is answered

const FORTNIGHT_MS = days(14).ms;

export const slateTest = experiment({
  name: 'slate-test',
  variants: { control: { trendingItems: 30 }, wider: { trendingItems: 60 } },
});

export const forYou = pipeline('for-you', {
  input: { customerId: string(), limit: int32() },
  defaults: { limit: 20 },
})
  .query({ ...queryFeatures(customerHistory), fallback: { recentItems: [], invoices: 0 } })
  .sources(
    fromQuery('bought-before', (query) => query.recentItems),
    fromModel('bought-together', { limit: 50, score: 'togetherScore', query: { history: 'recentItems' } }),
    fromModel('taste', { limit: 50, score: 'tasteScore', query: { history: 'recentItems' } }),
    vary(slateTest, ({ trendingItems }) => fromModel('trending', { limit: trendingItems, query: {} })),
  )
  .fallback(
    fromQuery('bought-lately', (query) => query.recentItems),
    fromModel('trending', { name: 'popular', limit: 60, query: {} }),
  )
  .hydrate(features(itemActivity), features(customerItemHistory))
  .hydrate(
    compute('signals', signals, (row, query, { now }) => ({
      share: row.bought / Math.max(1, query.invoices),
      lately: Math.log1p(row.boughtLately),
      has: row.bought > 0 ? 1 : 0,
      stale: row.lastSoldAt === null || now - row.lastSoldAt > FORTNIGHT_MS ? 1 : 0,
      trend7d: Math.log1p(row.sold7d),
      trend30d: Math.log1p(row.sold30d),
      together: Math.log1p(20 * (row.togetherScore ?? 0)),
      similar: row.tasteScore ?? 0,
    })),
  )
  .score(predict('ranker'))
  .select(topK((query) => query.limit, 'ranker'))
  .returning('id', 'ranker')
  .sideEffects(logPrediction());

export default defineRecommender({
  name: 'online-retail',
  adapters: [local({ dir: '.milonga/online-retail' }), predictor()],
  events: [purchase, returned],
  views: [customerHistory, itemActivity, customerItemHistory],
  models: [trending, boughtTogether, taste, ranker],
  pipelines: [forYou],
  experiments: [slateTest],
});
