import { float64, int32, minutes, string } from '@milonga/core';
import { testClock } from '@milonga/testing';
import { describe, expect, it } from 'vitest';
import { pipeline } from '../pipeline/define-pipeline.ts';
import { noPorts } from '../run/binding.ts';
import { fromList } from '../stages/from-list.ts';
import { keepIf } from '../stages/keep-if.ts';
import { notIn } from '../stages/not-in.ts';
import { topK } from '../stages/top-k.ts';

const input = { userId: string(), limit: int32() };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A pipeline that counts what it does, over things that change behind its back. */
const setUp = (options: { readonly fallback?: readonly string[]; readonly maxEntries?: number } = {}) => {
  const world = {
    seen: [] as readonly string[],
    blocked: [] as readonly string[],
    hydratorFails: false,
    sources: 0,
    scores: 0,
    gate: Promise.resolve() as Promise<void>,
  };
  const clock = testClock({ now: 1_000_000 });
  const sourced = pipeline('test', {
    input,
    defaults: { limit: 3 },
    cache: { ttl: minutes(1), ...(options.maxEntries === undefined ? {} : { maxEntries: options.maxEntries }) },
  })
    .query({ name: 'history', hydrate: () => ({ seen: world.seen }) })
    .sources({
      name: 'pool',
      columns: { id: string(), x: float64() },
      fetch: async () => {
        world.sources += 1;
        await world.gate;
        return ['a', 'b', 'c', 'd'].map((id, at) => ({ id, x: 10 - at }));
      },
    });
  const filled =
    options.fallback === undefined
      ? sourced
      : sourced.fallback({
          name: 'popular',
          columns: { id: string(), x: float64() },
          fetch: () => options.fallback!.map((id) => ({ id, x: 0 })),
        });
  const bound = filled
    .hydrate({
      name: 'blocked',
      columns: { isBlocked: int32() },
      onMissing: 'fail',
      hydrate: (items) => {
        if (world.hydratorFails) throw new Error('down');
        return items.ids().map((id) => ({ isBlocked: world.blocked.includes(id) ? 1 : 0 }));
      },
    })
    .filter(
      notIn('unseen', (query) => query.seen),
      keepIf('not-blocked', (item) => item.isBlocked === 0),
    )
    .score({
      name: 'ranker',
      scores: ['score'],
      score: (items, _query, context) => {
        world.scores += 1;
        context.usedModel('ranker', '1');
        return { score: items.numbers('x') };
      },
    })
    .select(topK((query) => query.limit, 'score'))
    .bind(noPorts, { clock });
  const ask = async (userId = 'u') => {
    const slate = await bound.run({ userId });
    return [slate.origin, slate.items.map((item) => item.id).join('')];
  };
  return { world, clock, bound, ask };
};

describe('the result cache', () => {
  it('serves a slate again, with its scores, versions and sources, until its time is over', async () => {
    const { world, clock, bound, ask } = setUp();
    const first = await bound.run({ userId: 'u' });
    const second = await bound.run({ userId: 'u' });
    expect([second.origin, second.items, second.versions]).toEqual(['cache', first.items, ['ranker@1']]);
    expect(second.explain()[0]).toEqual({ id: 'a', sources: ['pool'], droppedBy: undefined, scores: { score: 10 } });
    expect(second.requestId).not.toBe(first.requestId);
    expect(await ask('other')).toEqual(['ranked', 'abc']);
    await clock.advanceBy(59_999);
    expect(await ask()).toEqual(['cache', 'abc']);
    await clock.advanceBy(2);
    expect(await ask()).toEqual(['ranked', 'abc']);
    expect([world.sources, world.scores]).toEqual([3, 3]);
  });

  it('filters what it serves, with what is known now', async () => {
    const { world, ask } = setUp({ fallback: ['b', 'p', 'q'] });
    await ask();
    world.seen = ['b'];
    expect(await ask()).toEqual(['cache', 'acp']); // filled up, and not with what was taken out
    world.blocked = ['a', 'p'];
    expect(await ask()).toEqual(['cache', 'cq']);
    expect(world.scores).toBe(1);
  });

  it('ranks anew when too little is left and nothing can fill it up, or when it cannot be judged', async () => {
    const { world, ask } = setUp();
    await ask();
    world.seen = ['b'];
    expect(await ask()).toEqual(['ranked', 'acd']);
    world.hydratorFails = true;
    await expect(ask()).rejects.toThrow('Stage "blocked" of pipeline "test" failed');
  });

  it('keeps nothing that was degraded, and not more than it may', async () => {
    const { world, ask } = setUp({ fallback: ['p'], maxEntries: 2 });
    world.hydratorFails = true;
    expect(await ask()).toEqual(['fallback', '']);
    world.hydratorFails = false;
    expect(await ask()).toEqual(['ranked', 'abc']);
    for (const user of ['v', 'w']) await ask(user);
    expect(await ask('u')).toEqual(['ranked', 'abc']); // the least recently used went
    expect(await ask('w')).toEqual(['cache', 'abc']);
  });
});

describe('identical requests in flight', () => {
  it('share one run, each with its own answer', async () => {
    const { world, bound } = setUp();
    const slates = await Promise.all([
      bound.run({ userId: 'u' }),
      bound.run({ userId: 'u', limit: 3 }),
      bound.run({ userId: 'v' }),
    ]);
    expect([world.sources, new Set(slates.map((slate) => slate.requestId)).size]).toEqual([2, 3]);
    (slates[0]!.items[0] as { id: string }).id = 'changed';
    expect(slates[1]!.items[0]?.id).toBe('a');
  });

  it('are cancelled one by one, and the run with the last', async () => {
    const { world, bound } = setUp();
    let open = (): void => {};
    world.gate = new Promise((resolve) => {
      open = resolve;
    });
    const [one, two] = [new AbortController(), new AbortController()];
    const first = bound.run({ userId: 'u' }, { signal: one.signal });
    const second = bound.run({ userId: 'u' }, { signal: two.signal });
    await turn();
    one.abort();
    await expect(first).rejects.toMatchObject({ code: 'MILONGA_ABORTED' });
    open();
    expect((await second).items.length).toBe(3);
    expect(world.sources).toBe(1);
    world.gate = new Promise(() => {});
    const third = bound.run({ userId: 'w' }, { signal: two.signal });
    await turn();
    two.abort();
    await expect(third).rejects.toMatchObject({ code: 'MILONGA_ABORTED' });
    world.gate = Promise.resolve();
    expect((await bound.run({ userId: 'w' })).items.length).toBe(3); // a new run, not the cancelled one
  });

  it('each run by themselves without a cache', async () => {
    let runs = 0;
    const bound = pipeline('test', { input, defaults: { limit: 1 } })
      .sources({ ...fromList('list', ['a']), fetch: async () => [{ id: `a${++runs}` }] })
      .select(topK(1, (item) => item.id.length))
      .bind(noPorts);
    await Promise.all([bound.run({ userId: 'u' }), bound.run({ userId: 'u' })]);
    expect(runs).toBe(2);
  });
});
