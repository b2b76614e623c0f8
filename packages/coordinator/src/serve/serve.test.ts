import {
  Clock,
  Collector,
  CurrentRecommender,
  defineRecommender,
  event,
  type IncomingEvent,
  int32,
  Logger,
  MilongaError,
  Recommendations,
  type Route,
  type RouteRequest,
  silentLogger,
  string,
  systemClock,
  vector,
} from '@milonga/core';
import { type Adapter, createApp, defineAdapter, provide } from '@milonga/core/app';
import { describe, expect, it } from 'vitest';
import { experiment } from '../experiment/experiment.ts';
import { vary } from '../experiment/vary.ts';
import { pipeline } from '../pipeline/define-pipeline.ts';
import { fromList } from '../stages/from-list.ts';
import { keepIf } from '../stages/keep-if.ts';
import { logPrediction } from '../stages/log-prediction.ts';
import { topK } from '../stages/top-k.ts';

const click = event('click', { userId: string() });
const input = { userId: string(), limit: int32() };
const byId = topK<{ readonly limit: number }, { readonly id: string }>(
  (query) => query.limit,
  (item) => -item.id.charCodeAt(0),
);
const test = experiment({ name: 'test', variants: { control: { bad: 'x' }, treatment: { bad: 'a' } } });
const plain = pipeline('plain', { input, defaults: { limit: 2 } })
  .sources({
    name: 'rows',
    columns: { id: string(), at: vector(2) },
    fetch: () => ['a', 'b', 'c'].map((id) => ({ id, at: Float32Array.of(1, 2) })),
  })
  .select(byId);
const varied = pipeline('varied', { input, defaults: { limit: 2 } })
  .sources(fromList('list', ['a', 'b', 'c']))
  .filter(vary(test, ({ bad }) => keepIf('bad', (item) => item.id !== bad)))
  .select(byId)
  .sideEffects(logPrediction());

const setUp = async (experiments = [test]) => {
  const recommender = defineRecommender({
    name: 'shop',
    adapters: [],
    events: [click],
    pipelines: [plain, varied],
    experiments,
  });
  const events: IncomingEvent[] = [];
  const collector: Collector = {
    collect: async (given) => {
      events.push(...given);
      return given.map((one) => ({ status: 'accepted', id: one.id ?? '' }));
    },
  };
  const process: Adapter = defineAdapter('process', [
    provide(CurrentRecommender, { create: () => recommender }),
    provide(Logger, { create: () => silentLogger }),
    provide(Clock, { create: () => systemClock() }),
    provide(Collector, { create: () => collector }),
  ]);
  const role = recommender.roles.find(({ name }) => name === 'recommend')!;
  const app = createApp([process, ...recommender.adapters], { requires: role.needs(recommender) });
  const ports = await app.ports(role.needs(recommender));
  const running = await role.start({ recommender, ports, log: silentLogger, signal: new AbortController().signal });
  return { recommender, app, running, events, recommendations: ports.get(Recommendations) };
};
const request = (given: Partial<RouteRequest> = {}): RouteRequest => ({
  parameters: {},
  query: {},
  headers: {},
  body: {},
  signal: new AbortController().signal,
  ...given,
});
const routeOf = (routes: readonly Route[] | undefined, method: string, path: string): Route =>
  routes!.find((route) => route.method === method && route.path === path)!;

describe('a recommender with pipelines', () => {
  it('has one adapter and one role for all of them, with what each needs', async () => {
    const { recommender, app } = await setUp();
    expect(recommender.adapters.map(({ name }) => name)).toEqual(['coordinator']);
    expect(recommender.roles.map(({ name }) => name)).toEqual(['recommend']);
    expect(recommender.adapters[0]!.provisions[0]!.needs.map(({ id }) => id).toSorted()).toEqual([
      'clock/1',
      'collector/1',
      'experiment-assigner/1',
      'logger/1',
      'recommender/1',
    ]);
    expect(app.providerOf(Recommendations)).toBe('coordinator');
    expect(() => createApp([...recommender.adapters])).toThrow('No adapter provides');
  });

  it('answers in process, and says what there is when a pipeline is unknown', async () => {
    const { recommendations, events, app } = await setUp();
    const answer = await recommendations.recommend('varied', { userId: 'u' }, { explain: true });
    expect(answer).toMatchObject({
      pipeline: 'varied',
      degraded: [],
      versions: [],
      experiments: { test: expect.any(String) },
    });
    expect(answer.requestId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(answer.explanations?.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect((await recommendations.recommend('plain', { userId: 'u' })).explanations).toBeUndefined();
    await expect(recommendations.recommend('none', {})).rejects.toMatchObject({
      code: 'MILONGA_PIPELINE_UNKNOWN',
      message: 'There is no pipeline "none". Defined: plain, varied.',
    });
    await expect(recommendations.recommend('plain', 'text')).rejects.toMatchObject({ code: 'MILONGA_REQUEST_INVALID' });
    await app.close();
    expect(events.map(({ type }) => type)).toEqual(['exposure', 'prediction']);
  });

  it('refuses a pipeline whose experiment nobody lists', async () => {
    await expect(setUp([])).rejects.toThrow(
      'Pipeline "varied" uses experiment "test", which recommender "shop" does not list',
    );
  });
});

describe('the routes', () => {
  it('answer, each with a document of what it takes', async () => {
    const { running } = await setUp();
    const route = routeOf(running.routes, 'POST', '/v1/recommend/plain');
    const answer = await route.handle(request({ body: { userId: 'u' }, query: { explain: 'true', budget_ms: '500' } }));
    const body = JSON.parse(JSON.stringify(answer.body));
    expect(body.items).toEqual([
      { id: 'a', at: [1, 2] },
      { id: 'b', at: [1, 2] },
    ]);
    expect(body.explanations.length).toBe(3);
    expect(route.bodyJsonSchema).toMatchObject({
      properties: {
        userId: { type: 'string', maxLength: 256 },
        limit: { type: 'integer', minimum: 1, maximum: 1000, default: 2 },
      },
      required: ['userId'],
    });
  });

  it('refuse what is not valid, and pipelines that are not there', async () => {
    const { running } = await setUp();
    const route = routeOf(running.routes, 'POST', '/v1/recommend/plain');
    const invalid = { code: 'MILONGA_REQUEST_INVALID' };
    for (const query of [
      { explain: 'yes' },
      { budget_ms: '0' },
      { budget_ms: '-5' },
      { budget_ms: '2001' },
      { budget_ms: '1e3' },
    ]) {
      await expect(route.handle(request({ body: { userId: 'u' }, query }))).rejects.toMatchObject(invalid);
    }
    for (const body of [
      undefined,
      null,
      [],
      'x',
      {},
      { userId: 5 },
      { userId: 'u', other: 1 },
      { userId: 'u', limit: 1_001 },
      { userId: 'u'.repeat(257) },
    ]) {
      await expect(route.handle(request({ body }))).rejects.toMatchObject(invalid);
    }
    const unknown = routeOf(running.routes, 'POST', '/v1/recommend/:pipeline');
    await expect(unknown.handle(request({ parameters: { pipeline: 'x'.repeat(500) } }))).rejects.toMatchObject({
      code: 'MILONGA_PIPELINE_UNKNOWN',
      message: expect.stringMatching(/^.{1,140}$/),
    });
  });

  it('stop a run when the client has gone', async () => {
    const { running } = await setUp();
    const gone = AbortSignal.abort(new MilongaError('MILONGA_ABORTED', 'gone'));
    await expect(
      routeOf(running.routes, 'POST', '/v1/recommend/plain').handle(request({ body: { userId: 'u' }, signal: gone })),
    ).rejects.toMatchObject({ code: 'MILONGA_ABORTED' });
  });

  it('describe the pipelines', async () => {
    const { running } = await setUp();
    const { body } = await routeOf(running.routes, 'GET', '/v1/pipelines').handle(request());
    const described = (body as { pipelines: { name: string; mermaid: string; steps: { kind: string }[] }[] }).pipelines;
    expect(described.map(({ name, steps }) => [name, steps.map(({ kind }) => kind)])).toEqual([
      ['plain', ['sources', 'select']],
      ['varied', ['sources', 'filter', 'select', 'sideEffects']],
    ]);
    expect(described[1]!.mermaid).toContain('bad, varied by test');
    await running.settle?.();
    await running.stop();
  });
});
