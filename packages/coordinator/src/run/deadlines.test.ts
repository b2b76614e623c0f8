import { float64, int32, string } from '@milonga/core';
import { type TestClock, testClock } from '@milonga/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { pipeline } from '../pipeline/define-pipeline.ts';
import type { StageContext } from '../stage/stage.ts';
import { fromList } from '../stages/from-list.ts';
import { linear } from '../stages/linear.ts';
import { topK } from '../stages/top-k.ts';
import { noPorts } from './binding.ts';

const input = { userId: string(), limit: int32() };
const defaults = { userId: 'u', limit: 5 };
const never = (): Promise<never> => new Promise(() => {});
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const limit = (query: { readonly limit: number }): number => query.limit;
const scored = { id: string(), score: float64() };

let clock: TestClock;
beforeEach(() => {
  clock = testClock({ monotonic: 'held', now: 1_000_000 });
});

describe('deadlines', () => {
  it('gives a stage its own limit, or what remains less the reserve, whichever is sooner', async () => {
    const remaining: Record<string, number> = {};
    const note = (name: string) => (_query: unknown, context: StageContext) => {
      remaining[name] = context.remainingMs();
      return [{ id: 'a' }];
    };
    const bound = pipeline('test', { input, defaults, budgetMs: 100, reserveMs: 20 })
      .query({ name: 'slow', hydrate: () => clock.sleep(30).then(() => ({ x: 1 })) })
      .sources(
        { name: 'own', columns: { id: string() }, timeoutMs: 10, fetch: note('own') },
        { name: 'rest', columns: { id: string() }, timeoutMs: 70, fetch: note('rest') },
      )
      .select(topK(limit, (item) => item.id.length))
      .bind(noPorts, { clock });
    const answer = bound.run({});
    await turn();
    await clock.advanceMonotonicBy(30);
    await answer;
    expect(remaining).toEqual({ own: 10, rest: 50 });
  });

  it('abandons late stages at their own moments, tells them by their signal, and never awaits them', async () => {
    const signals: AbortSignal[] = [];
    const hang = (_query: unknown, context: StageContext) => {
      signals.push(context.signal);
      return never();
    };
    const bound = pipeline('test', { input, defaults, budgetMs: 100 })
      .sources(
        { name: 'fifty', columns: scored, timeoutMs: 50, fetch: hang },
        { name: 'all', columns: scored, fetch: hang },
        { name: 'good', columns: scored, fetch: () => [{ id: 'a', score: 1 }] },
      )
      .select(topK(limit, 'score'))
      .bind(noPorts, { clock });
    const answer = bound.run({});
    await turn();
    await clock.advanceMonotonicBy(50);
    expect(signals.map((signal) => signal.aborted)).toEqual([true, false]);
    expect(signals[0]?.reason).toMatchObject({ code: 'MILONGA_DEADLINE_EXCEEDED' });
    await clock.advanceMonotonicBy(50);
    const slate = await answer;
    expect([slate.items, slate.degraded]).toEqual([[{ id: 'a', score: 1 }], ['fifty', 'all']]);
  });

  it('shows an aborted signal to a stage that asks for it only after it was abandoned', async () => {
    let context: StageContext | undefined;
    const bound = pipeline('test', { input, defaults, budgetMs: 100 })
      .sources({
        name: 'late',
        columns: scored,
        fetch: (_query, given) => {
          context = given;
          return never();
        },
      })
      .select(topK(limit, 'score'))
      .bind(noPorts, { clock });
    const answer = bound.run({});
    await turn();
    await clock.advanceMonotonicBy(100);
    await answer;
    expect(context?.signal.aborted).toBe(true);
  });

  it('lets nothing that an abandoned stage does later change the answer', async () => {
    let release = (_rows: readonly { id: string; score: number }[]): void => {};
    let noteLate = (): void => {};
    const bound = pipeline('test', { input, defaults, budgetMs: 100 })
      .sources(
        {
          name: 'late',
          columns: scored,
          fetch: (_query, context) =>
            new Promise((resolve) => {
              noteLate = () => context.usedModel('late', '1');
              release = resolve;
            }),
        },
        { name: 'good', columns: scored, fetch: () => [{ id: 'a', score: 1 }] },
      )
      .select(topK(limit, 'score'))
      .bind(noPorts, { clock });
    const answer = bound.run({});
    await turn();
    await clock.advanceMonotonicBy(100);
    const slate = await answer;
    noteLate();
    release([{ id: 'z', score: 99 }]);
    await turn();
    expect([slate.items, slate.versions, slate.explain().length]).toEqual([[{ id: 'a', score: 1 }], [], 1]);
  });

  it('does not count a stage that ends after its limit, while the request still runs', async () => {
    let release = (): void => {};
    const bound = pipeline('test', { input, defaults, budgetMs: 100 })
      .sources(
        {
          name: 'late',
          columns: scored,
          timeoutMs: 10,
          fetch: (_query, context) =>
            new Promise((resolve) => {
              release = () => {
                context.usedModel('late', '1');
                resolve([{ id: 'z', score: 99 }]);
              };
            }),
        },
        {
          name: 'good',
          columns: scored,
          timeoutMs: 50,
          fetch: () => clock.sleep(30).then(() => [{ id: 'a', score: 1 }]),
        },
      )
      .select(topK(limit, 'score'))
      .bind(noPorts, { clock });
    const answer = bound.run({});
    await turn();
    await clock.advanceMonotonicBy(20);
    release();
    await turn();
    await clock.advanceMonotonicBy(10);
    const slate = await answer;
    expect([slate.items, slate.versions, slate.degraded]).toEqual([[{ id: 'a', score: 1 }], [], ['late']]);
  });

  it('does not start a stage that is known to wait when no time remains, but runs synchronous ones', async () => {
    let starts = 0;
    const slow = { name: 'slow', columns: { x: float64() }, onMissing: { use: { x: 7 } }, onFailure: 'skip' as const };
    const bound = pipeline('test', { input, defaults, budgetMs: 100 })
      .sources(fromList('list', ['a', 'b']))
      .hydrate({ ...slow, hydrate: never })
      .hydrate({
        name: 'next',
        columns: { y: float64() },
        onMissing: { use: { y: 1 } },
        onFailure: 'skip',
        hydrate: async (items) => {
          starts += 1;
          return items.ids().map(() => ({ y: 2 }));
        },
      })
      .score(linear('score', { x: 1, y: 1 }))
      .select(topK(limit, 'score'))
      .bind(noPorts, { clock });
    for (let round = 0; round < 2; round += 1) {
      const answer = bound.run({});
      await turn();
      await clock.advanceMonotonicBy(100);
      expect((await answer).items.map((item) => item.score)).toEqual([8, 8]);
    }
    expect(starts).toBe(1); // tried once, to learn that it waits
  });

  it('keeps the reserve for the fallback sources', async () => {
    const bound = pipeline('test', { input, defaults, budgetMs: 100, reserveMs: 40 })
      .sources({ name: 'late', columns: { id: string() }, fetch: never })
      .fallback({
        name: 'popular',
        columns: { id: string() },
        fetch: async () => clock.sleep(30).then(() => [{ id: 'p' }]),
      })
      .select(topK(limit, (item) => item.id.length))
      .bind(noPorts, { clock });
    const answer = bound.run({});
    await turn();
    await clock.advanceMonotonicBy(60);
    await clock.advanceMonotonicBy(30);
    expect((await answer).items).toEqual([{ id: 'p' }]);
  });

  it('ends at once when the caller goes, whatever the stages do', async () => {
    const caller = new AbortController();
    let signal: AbortSignal | undefined;
    let later = 0;
    const bound = pipeline('test', { input, defaults })
      .query({
        name: 'hang',
        hydrate: (_query, context) => {
          signal = context.signal;
          return never() as Promise<{ x: number }>;
        },
      })
      .sources({
        name: 'later',
        columns: { id: string() },
        fetch: () => {
          later += 1;
          return [];
        },
      })
      .select(topK(limit, (item) => item.id.length))
      .bind(noPorts, { clock });
    const answer = bound.run({}, { signal: caller.signal });
    const refused = expect(answer).rejects.toMatchObject({ code: 'MILONGA_ABORTED' });
    await turn();
    caller.abort(new Error('gone'));
    await refused;
    expect(signal?.aborted).toBe(true);
    await clock.advanceMonotonicBy(1_000);
    expect(later).toBe(0);
    await expect(bound.run({}, { signal: caller.signal })).rejects.toMatchObject({ code: 'MILONGA_ABORTED' });
  });

  it('stops between stages, too, when the caller has gone', async () => {
    const caller = new AbortController();
    let later = 0;
    const bound = pipeline('test', { input, defaults })
      .sources(fromList('list', ['a']))
      .hydrate({
        name: 'aborting',
        columns: { x: float64() },
        onMissing: 'drop',
        hydrate: async () => {
          caller.abort();
          return [{ x: 1 }];
        },
      })
      .score({
        name: 'later',
        scores: ['score'],
        score: () => {
          later += 1;
          return { score: Float64Array.of(1) };
        },
      })
      .select(topK(limit, 'score'))
      .bind(noPorts, { clock });
    await expect(bound.run({}, { signal: caller.signal })).rejects.toMatchObject({ code: 'MILONGA_ABORTED' });
    await turn();
    expect(later).toBe(0);
  });
});
