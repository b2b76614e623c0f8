import { Collector, float64, int32, minutes, Predictor, string } from '@milonga/core';
import { describe, expect, it } from 'vitest';
import { pipeline } from '../pipeline/define-pipeline.ts';
import { fromList } from '../stages/from-list.ts';
import { keepIf } from '../stages/keep-if.ts';
import { logPrediction } from '../stages/log-prediction.ts';
import { predict } from '../stages/predict.ts';
import { topK } from '../stages/top-k.ts';

const complete = pipeline('for-you', {
  input: { userId: string(), limit: int32() },
  defaults: { limit: 20 },
  budgetMs: 100,
  cache: { ttl: minutes(1) },
})
  .query({ name: 'history', hydrate: () => ({ seen: [] }), fallback: { seen: [] } })
  .sources({ name: 'pool "a"', columns: { id: string(), x: float64() }, timeoutMs: 20, fetch: () => [] })
  .fallback({ name: 'popular', columns: { id: string(), x: float64() }, fetch: () => [] })
  .filter(keepIf('good', (item) => item.x > 0))
  .score(predict('ranker'))
  .select(topK((query) => query.limit, 'ranker'))
  .returning('id', 'ranker')
  .sideEffects(logPrediction());

describe('describe', () => {
  it('gives a pipeline as data that survives JSON', () => {
    const description = complete.describe();
    expect(JSON.parse(JSON.stringify(description))).toMatchObject({
      name: 'for-you',
      budgetMs: 100,
      reserveMs: 25,
      cache: { ttlMs: 60_000, maxEntries: 10_000 },
      returns: ['id', 'ranker'],
    });
    expect(
      description.steps.map(({ kind, stages }) => [
        kind,
        stages.map(({ name, onFailure, timeoutMs, needs, columns }) => [name, onFailure, timeoutMs, needs, columns]),
      ]),
    ).toEqual([
      ['query', [['history', 'fallback value', undefined, [], {}]]],
      ['sources', [['pool "a"', 'skip', 20, [], { id: 'string', x: 'float64' }]]],
      ['fallback', [['popular', 'skip', undefined, [], { id: 'string', x: 'float64' }]]],
      ['filter', [['good', 'fail', undefined, [], {}]]],
      ['score', [['ranker', 'fail', undefined, [Predictor.id], { ranker: 'float64' }]]],
      ['select', [['top-k', 'fail', undefined, [], {}]]],
      ['sideEffects', [['log-prediction', 'skip', undefined, [Collector.id], {}]]],
    ]);
    expect(complete.needs).toEqual([Predictor, Collector]);
  });

  it('draws it', () => {
    expect(complete.toMermaid()).toMatchInlineSnapshot(`
      "flowchart TD
        request(["request to for-you"])
        subgraph step0["query"]
          step0_0("history")
        end
        request --> step0
        subgraph step1["sources"]
          step1_0[("pool #quot;a#quot; (20 ms)")]
        end
        step0 --> step1
        subgraph step2["fallback"]
          step2_0[("popular")]
        end
        subgraph step3["filter"]
          step3_0{{"good"}}
        end
        step1 --> step3
        step2 -. too few left, or a failure .-> step3
        subgraph step4["score"]
          step4_0["ranker"]
        end
        step3 --> step4
        subgraph step5["select"]
          step5_0[["top-k"]]
        end
        step4 --> step5
        subgraph step6["side effects"]
          step6_0>"log-prediction"]
        end
        answer([answer])
        step5 --> answer
        answer -.-> step6
      "
    `);
    expect(
      pipeline('short', { input: { userId: string() } })
        .sources(fromList('list', []))
        .select(topK(3, (item) => item.id.length))
        .toMermaid(),
    ).toMatchInlineSnapshot(`
      "flowchart TD
        request(["request to short"])
        subgraph step0["sources"]
          step0_0[("list")]
        end
        request --> step0
        subgraph step1["select"]
          step1_0[["top-k"]]
        end
        step0 --> step1
        answer([answer])
        step1 --> answer
      "
    `);
  });
});

describe('a definition', () => {
  const input = { userId: string(), limit: int32() };
  const start = pipeline('test', { input }).sources(fromList('list', ['a']));

  it.each([
    ['a malformed name', () => pipeline('Bad Name', { input }), 'its name must match'],
    ['no input', () => pipeline('test', { input: {} }), 'its unit "" is not one of its input fields'],
    [
      'a unit that is not there',
      () => pipeline('test', { input, unit: 'other' as never }),
      'its unit "other" is not one of its input fields',
    ],
    [
      'a default of the wrong type',
      () => pipeline('test', { input, defaults: { limit: 'x' as never } }),
      'limit: expected int32, found string "x"',
    ],
    [
      'a default out of range',
      () => pipeline('test', { input, defaults: { limit: 0 } }),
      'limit: expected a number from 1 to 1000, found 0',
    ],
    ['an empty range', () => pipeline('test', { input, ranges: { limit: [5, 1] } }), 'the range of "limit" is empty'],
    [
      'a range of nothing',
      () => pipeline('test', { input, ranges: { other: [1, 2] } as never }),
      '"other" has a default or a range but is not one of its input fields',
    ],
    ['a budget of nothing', () => pipeline('test', { input, budgetMs: 0 }), 'budgetMs must be above 0'],
    [
      'a reserve without budget',
      () => pipeline('test', { input, budgetMs: 10, reserveMs: 10 }),
      'reserveMs must be from 0 to below the budget',
    ],
    [
      'no room for a request',
      () => pipeline('test', { input, maxInFlight: 0 }),
      'maxInFlight must be a whole number above 0',
    ],
    ['two stages of one name', () => start.filter(keepIf('list', () => true)), 'two stages are named "list"'],
    ['a stage without a name', () => start.filter(keepIf('', () => true)), 'a stage has an empty name'],
    [
      'two columns of one name',
      () => start.hydrate({ name: 'h', columns: { id: string() }, hydrate: () => [], onMissing: 'drop' } as never),
      'Column "id" exists already',
    ],
    [
      'sources that disagree',
      () =>
        pipeline('test', { input }).sources(fromList('a', []), {
          name: 'b',
          columns: { id: int32() } as never,
          fetch: () => [],
        }),
      'Column "id" cannot have several types at once',
    ],
    [
      'a field that nobody has',
      () => start.select(topK(3, (item) => item.id.length)).returning('price' as never),
      'it returns "price", which no item has; there are id',
    ],
    [
      'a query hydrator that may be disabled',
      () => pipeline('test', { input }).query({ name: 'q', enabled: () => true, hydrate: () => ({ a: 1 }) }),
      'may be disabled and has no fallback',
    ],
    [
      'a hydrator that may be disabled',
      () =>
        start.hydrate({
          name: 'h',
          columns: { a: int32() },
          enabled: () => true,
          hydrate: () => [],
          onMissing: 'drop',
        }),
      'may be disabled and has no value to use instead',
    ],
  ])('with %s is refused', (_what, define, message) => {
    expect(define).toThrow(message);
    expect(define).toThrow(expect.objectContaining({ code: 'MILONGA_DEFINITION_INVALID' }));
  });
});
