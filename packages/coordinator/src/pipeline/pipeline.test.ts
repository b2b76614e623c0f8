import { float64, int32, string } from '@milonga/core';
import { describe, expect, it } from 'vitest';
import { noPorts } from '../run/binding.ts';
import { fromList } from '../stages/from-list.ts';
import { keepIf } from '../stages/keep-if.ts';
import { topK } from '../stages/top-k.ts';
import { pipeline } from './define-pipeline.ts';

const never = (): Promise<never> => new Promise(() => {});
const input = { userId: string(), limit: int32() };
const scored = { id: string(), score: float64() };
const begin = () => pipeline('test', { input, defaults: { userId: 'u', limit: 5 } });
const base = (rows: readonly { id: string; score: number }[]) =>
  begin().sources({ name: 'only', columns: scored, fetch: () => rows });
const byScore = topK<{ readonly limit: number }, { readonly score: number }>((query) => query.limit, 'score');

describe('pipeline', () => {
  it('sinks NaN and infinities and gives ties to the smaller id', async () => {
    const rows = [
      { id: 'c', score: 1 },
      { id: 'n', score: Number.NaN },
      { id: 'a', score: 1 },
      { id: 'i', score: Number.POSITIVE_INFINITY },
      { id: 'z', score: 2 },
    ];
    const { items } = await base(rows).select(byScore).bind(noPorts).run({});
    expect(items.map((item) => item.id)).toEqual(['z', 'a', 'c', 'i', 'n']);
  });

  it('abandons a late source, names a failed one, answers with the rest, and fills gaps from the second source', async () => {
    const slate = await begin()
      .sources(
        { name: 'late', columns: scored, fetch: () => never() },
        {
          name: 'broken',
          columns: scored,
          fetch: () => {
            throw new Error('down');
          },
        },
        {
          name: 'first',
          columns: scored,
          fetch: () => [
            { id: 'a', score: 1 },
            { id: 'b', score: 2 },
          ],
        },
        {
          name: 'second',
          columns: { ...scored, near: float64() },
          fetch: async () => [{ id: 'b', score: 9, near: 0.5 }],
        },
      )
      .select(byScore)
      .bind(noPorts)
      .run({}, { budgetMs: 30 });
    expect(slate.items).toEqual([
      { id: 'b', score: 2, near: 0.5 },
      { id: 'a', score: 1, near: null },
    ]);
    expect(slate.degraded).toEqual(['late', 'broken']);
    expect(slate.explain().map(({ id, sources }) => [id, sources])).toEqual([
      ['a', ['first']],
      ['b', ['first', 'second']],
    ]);
  });

  it('drops, fails or uses a value where a hydrator found nothing, and says who dropped what', async () => {
    const start = base([
      { id: 'a', score: 3 },
      { id: 'b', score: 2 },
      { id: 'c', score: 1 },
    ]).filter(keepIf('not-c', (item) => item.id !== 'c'));
    const columns = { clicks: int32() };
    const hydrate = () => [{ clicks: 4 }, undefined];
    const dropped = await start
      .hydrate({ name: 'h', columns, hydrate, onMissing: 'drop' })
      .select(byScore)
      .bind(noPorts)
      .run({});
    expect(dropped.items).toEqual([{ id: 'a', score: 3, clicks: 4 }]);
    expect(dropped.explain().map((row) => [row.id, row.droppedBy])).toEqual([
      ['a', undefined],
      ['b', 'h'],
      ['c', 'not-c'],
    ]);
    const used = await start
      .hydrate({ name: 'h', columns, hydrate, onMissing: { use: { clicks: -1 } } })
      .select(byScore)
      .bind(noPorts)
      .run({});
    expect(used.items.map((item) => item.clicks)).toEqual([4, -1]);
    const failing = () => {
      throw new Error('down');
    };
    const skipped = await start
      .hydrate({ name: 'h', columns, hydrate: failing, onMissing: { use: { clicks: 0 } }, onFailure: 'skip' })
      .select(byScore)
      .bind(noPorts)
      .run({});
    expect([skipped.items.map((item) => item.clicks), skipped.degraded]).toEqual([[0, 0], ['h']]);
    await expect(
      start.hydrate({ name: 'h', columns, hydrate, onMissing: 'fail' }).select(byScore).bind(noPorts).run({}),
    ).rejects.toThrow('found nothing for candidate "b"');
    await expect(
      start
        .hydrate({ name: 'h', columns, hydrate: () => [], onMissing: 'drop' })
        .select(byScore)
        .bind(noPorts)
        .run({}),
    ).rejects.toThrow('returned 0 results for 2 candidates');
  });

  it('refuses a request that is not valid, with every issue', async () => {
    const run = base([])
      .select(byScore)
      .bind(noPorts)
      .run({ limit: 0, userId: 5 as unknown as string });
    await expect(run).rejects.toMatchObject({ code: 'MILONGA_REQUEST_INVALID', issues: [{ path: ['userId'] }] });
    await expect(base([]).select(byScore).bind(noPorts).run({ limit: 0 })).rejects.toThrow(
      'limit: expected a number from 1 to 1000, found 0',
    );
  });

  it('refuses a budget of nothing', async () => {
    const bound = base([]).select(byScore).bind(noPorts);
    for (const budgetMs of [0, -1, Number.NaN]) {
      await expect(bound.run({}, { budgetMs })).rejects.toMatchObject({ code: 'MILONGA_REQUEST_INVALID' });
    }
  });

  it('fills up from the fallback sources, through the same filters', async () => {
    const start = begin()
      .sources(fromList('main', ['a', 'b']))
      .fallback(fromList('popular', ['b', 'x', 'banned', 'y', 'a', 'z']));
    const slate = await start
      .filter(keepIf('not-banned', (item) => item.id !== 'banned' && item.id !== 'b'))
      .select(
        topK(
          (query) => query.limit,
          (item) => item.id.length,
        ),
      )
      .bind(noPorts)
      .run({ limit: 3 });
    expect(slate.items).toEqual([{ id: 'a' }, { id: 'x' }, { id: 'y' }]);
    expect(slate.explain().map(({ id, sources, droppedBy }) => [id, sources[0], droppedBy])).toEqual([
      ['a', 'main', undefined],
      ['b', 'main', 'not-banned'],
      ['x', 'popular', undefined],
      ['banned', 'popular', 'not-banned'],
      ['y', 'popular', undefined],
      ['z', 'popular', 'select'],
    ]);
  });
});
