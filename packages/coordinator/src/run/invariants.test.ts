import { float64, int32, minutes, nullable, string } from '@milonga/core';
import { type TestClock, testClock } from '@milonga/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pipeline } from '../pipeline/define-pipeline.ts';
import { keepIf } from '../stages/keep-if.ts';
import { linear } from '../stages/linear.ts';
import { notIn } from '../stages/not-in.ts';
import { topK } from '../stages/top-k.ts';
import { noPorts } from './binding.ts';

const input = { userId: string(), limit: int32() };
const columns = { id: string(), x: float64(), y: nullable(float64()) };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What a candidate is worth is a function of its id, so that sources never disagree. */
const worth = (id: string): { id: string; x: number; y: number | null } => {
  const code = Number(id.slice(1));
  return { id, x: code % 7, y: code % 3 === 0 ? null : code % 5 };
};
const idOf = fc.nat(30).map((code) => `i${code}`);
const idsOf = fc.array(idOf, { maxLength: 25 });

/** How a stage behaves in a run. */
type Mood = 'now' | 'soon' | 'throws' | 'hangs';
const mood = fc.constantFrom<Mood>('now', 'now', 'soon', 'throws', 'hangs');

function behave<T>(how: Mood, value: () => T): T | Promise<T> {
  if (how === 'throws') throw new Error('broken');
  if (how === 'hangs') return new Promise(() => {});
  return how === 'soon' ? Promise.resolve().then(value) : value();
}

interface World {
  readonly sources: readonly { readonly ids: readonly string[]; readonly how: Mood }[];
  readonly fallback: { readonly ids: readonly string[]; readonly how: Mood };
  readonly hydrator: Mood;
  readonly scorer: Mood;
  readonly seen: readonly string[];
  readonly blocked: readonly string[];
  readonly limit: number;
}
const world: fc.Arbitrary<World> = fc.record({
  sources: fc.array(fc.record({ ids: idsOf, how: mood }), { minLength: 1, maxLength: 4 }),
  fallback: fc.record({ ids: idsOf, how: mood }),
  hydrator: mood,
  scorer: mood,
  seen: idsOf,
  blocked: idsOf,
  limit: fc.integer({ min: 1, max: 12 }),
});

/** `mutable` is read when a request runs: what the customer has seen changes between two requests. */
function build(given: World, mutable: { seen: readonly string[] }, clock: TestClock) {
  const [first, ...others] = given.sources.map(({ ids, how }, at) => ({
    name: `source-${at}`,
    columns,
    fetch: () => behave(how, () => ids.map(worth)),
  }));
  return pipeline('test', { input, unit: 'userId', budgetMs: 100, cache: { ttl: minutes(5) } })
    .query({ name: 'history', hydrate: () => ({ seen: mutable.seen }) })
    .sources(first!, undefined, undefined, undefined, undefined, undefined, ...others)
    .fallback({
      name: 'popular',
      columns,
      fetch: () => behave(given.fallback.how, () => given.fallback.ids.map(worth)),
    })
    .hydrate({
      name: 'blocked',
      columns: { isBlocked: int32() },
      onMissing: 'fail',
      hydrate: (items) =>
        behave(given.hydrator, () => items.ids().map((id) => ({ isBlocked: given.blocked.includes(id) ? 1 : 0 }))),
    })
    .filter(
      notIn('unseen', (query) => query.seen),
      keepIf('not-blocked', (item) => item.isBlocked === 0),
    )
    .score({
      name: 'score',
      scores: ['score'],
      score: (items) => behave(given.scorer, () => ({ score: items.numbers('x').map((x) => x * 2) })),
    })
    .select(topK((query) => query.limit, 'score'))
    .bind(noPorts, { clock });
}

/** Runs a request to its end, moving time on while stages hang. */
async function answer<T>(clock: TestClock, run: Promise<T>): Promise<T> {
  let isOver = false;
  const over = run.finally(() => {
    isOver = true;
  });
  for (let step = 0; step < 8 && !isOver; step += 1) {
    await turn();
    if (!isOver) await clock.advanceMonotonicBy(25);
  }
  return over;
}

describe('filters', () => {
  it('hold on every path: ranked, refilled, fallback, cached, whatever fails or hangs', async () => {
    await fc.assert(
      fc.asyncProperty(world, idsOf, async (given, seenLater) => {
        const clock = testClock({ monotonic: 'held' });
        const mutable = { seen: given.seen };
        const bound = build(given, mutable, clock);
        for (const seen of [given.seen, given.seen, seenLater]) {
          mutable.seen = seen;
          const { items } = await answer(clock, bound.run({ userId: 'u', limit: given.limit }));
          const ids = items.map((item) => item.id);
          expect(ids.filter((id) => seen.includes(id) || given.blocked.includes(id))).toEqual([]);
          expect(new Set(ids).size).toBe(ids.length);
          expect(ids.length).toBeLessThanOrEqual(given.limit);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('leave the slate full where enough candidates pass them', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const clock = testClock({ monotonic: 'held' });
        const healthy: World = {
          ...given,
          hydrator: 'now',
          scorer: 'now',
          fallback: { ...given.fallback, how: 'soon' },
        };
        const { items } = await answer(
          clock,
          build(healthy, { seen: given.seen }, clock).run({ userId: 'u', limit: given.limit }),
        );
        const alive = healthy.sources.filter(({ how }) => how === 'now' || how === 'soon').flatMap(({ ids }) => ids);
        const passing = new Set(
          [...alive, ...given.fallback.ids].filter((id) => !given.seen.includes(id) && !given.blocked.includes(id)),
        );
        expect(items.length).toBe(Math.min(given.limit, passing.size));
      }),
      { numRuns: 200 },
    );
  });
});

describe('the slate', () => {
  const run = async (lists: readonly (readonly string[])[], limit: number) => {
    const [first, ...others] = lists.map((ids, at) => ({
      name: `source-${lists.indexOf(ids)}-${at}`,
      columns,
      fetch: () => ids.map(worth),
    }));
    const complete = pipeline('test', { input })
      .sources(first!, undefined, undefined, undefined, undefined, undefined, ...others)
      .score(linear('score', { x: 1 }))
      .select(
        topK(
          (query) => query.limit,
          (item) => item.score + (item.y ?? 0),
        ),
      );
    return (await complete.bind(noPorts).run({ userId: 'u', limit })).items;
  };

  it('does not depend on the order of the sources, nor on that of their candidates', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(idsOf, { minLength: 2, maxLength: 40 }),
        fc.integer({ min: 1, max: 12 }),
        fc.nat(),
        async (lists, limit, turnBy) => {
          const straight = await run(lists, limit);
          const turned = lists.map((_, at) => [...lists[(at + turnBy) % lists.length]!].reverse());
          expect(await run(turned, limit)).toEqual(straight);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('is that of the stages which were in time, whatever abandoned ones do later', async () => {
    await fc.assert(
      fc.asyncProperty(idsOf, idsOf, fc.integer({ min: 1, max: 12 }), async (prompt, late, limit) => {
        const clock = testClock({ monotonic: 'held' });
        const pending: (() => void)[] = [];
        const complete = pipeline('test', { input, budgetMs: 100 })
          .sources(
            {
              name: 'late',
              columns,
              fetch: () =>
                new Promise<ReturnType<typeof worth>[]>((resolve) => pending.push(() => resolve(late.map(worth)))),
            },
            { name: 'prompt', columns, fetch: () => prompt.map(worth) },
          )
          .hydrate({
            name: 'slow',
            columns: { z: float64() },
            onMissing: { use: { z: 0 } },
            onFailure: 'skip',
            timeoutMs: 0.1,
            hydrate: (items) =>
              new Promise((resolve) => pending.push(() => resolve(items.ids().map((id) => ({ z: 100 + id.length }))))),
          })
          .filter(keepIf('x', (item) => item.x !== 2))
          .select(
            topK(
              (query) => query.limit,
              (item) => item.x + item.z,
            ),
          )
          .bind(noPorts, { clock });
        const running = complete.run({ userId: 'u', limit });
        await turn();
        await clock.advanceMonotonicBy(100);
        for (let step = 0; step < 4; step += 1) {
          for (const release of pending.splice(0)) release();
          await turn();
          await clock.advanceMonotonicBy(1);
        }
        const expected = await run([prompt], limit);
        const { items } = await running;
        expect(items.every((item) => item.z === 0 && prompt.includes(item.id))).toBe(true);
        expect(items.length).toBe(Math.min(limit, new Set(prompt.filter((id) => worth(id).x !== 2)).size));
        expect(expected.length).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 100 },
    );
  });
});
