import { Frame, float64, int32, type LogFields, type Logger, list, string } from '@milonga/core';
import { describe, expect, it } from 'vitest';
import { pipeline } from '../pipeline/define-pipeline.ts';
import { fromList } from '../stages/from-list.ts';
import { keepIf } from '../stages/keep-if.ts';
import { topK } from '../stages/top-k.ts';
import { noPorts } from './binding.ts';

const input = { userId: string(), limit: int32() };
const begin = (budgetMs = 60) => pipeline('test', { input, defaults: { userId: 'u', limit: 5 }, budgetMs });
const limit = (query: { readonly limit: number }): number => query.limit;
const rows = [
  { id: 'a', x: 1 },
  { id: 'b', x: 2 },
];
const pool = { name: 'pool', columns: { id: string(), x: float64() }, fetch: () => rows };
const never = (): Promise<never> => new Promise(() => {});

/** The ways in which user code goes wrong. */
const faults = {
  throws: () => {
    throw new Error('broken');
  },
  rejects: () => Promise.reject(new Error('broken')),
  hangs: never,
} as const;

describe.each(Object.entries(faults))('a stage that %s', (_name, fault) => {
  const failed = { code: 'MILONGA_PIPELINE_STAGE_FAILED' };

  it('query hydrator: its fallback is used and named; without one the request fails', async () => {
    const complete = begin()
      .query({ name: 'q', hydrate: fault as () => Promise<{ n: number }>, fallback: { n: 1 } })
      .sources(pool);
    const slate = await complete
      .filter(keepIf('n', (item, query) => item.x > query.n))
      .select(topK(limit, 'x'))
      .bind(noPorts)
      .run({});
    expect([slate.items, slate.degraded]).toEqual([[{ id: 'b', x: 2 }], ['q']]);
    const strict = begin()
      .query({ name: 'q', hydrate: fault as () => Promise<{ n: number }> })
      .sources(pool)
      .select(topK(limit, 'x'));
    await expect(strict.bind(noPorts).run({})).rejects.toMatchObject(failed);
  });

  it('source: the others carry the request; a source that may not fail ends it', async () => {
    const broken = { name: 'broken', columns: { id: string(), x: float64() }, fetch: fault };
    const slate = await begin().sources(broken, pool).select(topK(limit, 'x')).bind(noPorts).run({});
    expect([slate.items.map((item) => item.id), slate.degraded]).toEqual([['b', 'a'], ['broken']]);
    const alone = await begin().sources(broken).select(topK(limit, 'x')).bind(noPorts).run({});
    expect([alone.items, alone.degraded]).toEqual([[], ['broken']]);
    const strict = begin()
      .sources({ ...broken, onFailure: 'fail' }, pool)
      .select(topK(limit, 'x'));
    await expect(strict.bind(noPorts).run({})).rejects.toMatchObject(failed);
  });

  it('hydrator: its value is used and named; without one the request fails', async () => {
    const columns = { y: float64() };
    const lenient = { name: 'h', columns, hydrate: fault, onMissing: { use: { y: 7 } }, onFailure: 'skip' } as const;
    const slate = await begin().sources(pool).hydrate(lenient).select(topK(limit, 'x')).bind(noPorts).run({});
    expect([slate.items.map((item) => item.y), slate.degraded]).toEqual([[7, 7], ['h']]);
    const strict = begin().sources(pool).hydrate({ name: 'h', columns, hydrate: fault, onMissing: 'drop' });
    await expect(strict.select(topK(limit, 'x')).bind(noPorts).run({})).rejects.toMatchObject(failed);
  });

  it('scorer: skipped, all sink to the order of ids; else the request fails', async () => {
    const scorer = { name: 's', scores: ['score'], score: fault } as const;
    const lenient = begin()
      .sources(pool)
      .score({ ...scorer, onFailure: 'skip' });
    const slate = await lenient.select(topK(limit, 'score')).bind(noPorts).run({});
    expect([slate.items.map((item) => [item.id, item.score]), slate.degraded]).toEqual([
      [
        ['a', Number.NaN],
        ['b', Number.NaN],
      ],
      ['s'],
    ]);
    const strict = begin().sources(pool).score(scorer).select(topK(limit, 'score'));
    await expect(strict.bind(noPorts).run({})).rejects.toMatchObject(failed);
  });

  it.each(['hydrator', 'scorer', 'source'])('%s: the fallback sources take over, through the filters', async (kind) => {
    const columns = { id: string(), x: float64() };
    const popular = {
      name: 'popular',
      columns,
      fetch: () => [
        { id: 'banned', x: 0 },
        { id: 'p', x: 0 },
        { id: 'a', x: 0 },
      ],
    };
    const source = kind === 'source' ? { name: 'bad', columns, fetch: fault, onFailure: 'fail' as const } : pool;
    const hydrate =
      kind === 'hydrator' ? fault : (items: { ids(): readonly string[] }) => items.ids().map(() => ({ y: 1 }));
    const score =
      kind === 'scorer' ? fault : (items: { readonly length: number }) => ({ score: new Float64Array(items.length) });
    const slate = await begin()
      .sources(source)
      .fallback(popular)
      .filter(keepIf('not-banned', (item) => item.id !== 'banned'))
      .hydrate({ name: 'bad-hydrator', columns: { y: float64() }, hydrate, onMissing: 'fail' })
      .score({ name: 'bad-scorer', scores: ['score'], score })
      .select(topK(limit, 'score'))
      .bind(noPorts)
      .run({});
    expect([slate.origin, slate.items.map((item) => item.id)]).toEqual(['fallback', ['p', 'a']]);
    expect(slate.items.map((item) => item.y)).toEqual(kind === 'hydrator' ? [null, null] : [1, 1]);
    expect(slate.items.every((item) => Number.isNaN(item.score))).toBe(true);
    expect(slate.degraded).toEqual([{ hydrator: 'bad-hydrator', scorer: 'bad-scorer', source: 'bad' }[kind]]);
    if (kind === 'scorer')
      expect(
        slate
          .explain()
          .filter((one) => one.droppedBy === 'bad-scorer')
          .map((one) => one.id),
      ).toEqual(['a', 'b']);
  });
});

describe('filters', () => {
  const broken = {
    name: 'safety',
    mask: () => {
      throw new Error('broken');
    },
  };

  it('never fail open: the request fails, and a fallback that cannot be judged is empty', async () => {
    await expect(begin().sources(pool).filter(broken).select(topK(limit, 'x')).bind(noPorts).run({})).rejects.toThrow(
      'broken',
    );
    const other = { ...pool, name: 'other' };
    const vetted = await begin()
      .sources(pool)
      .fallback(other)
      .filter(broken)
      .select(topK(limit, 'x'))
      .bind(noPorts)
      .run({});
    expect([vetted.items, vetted.degraded, vetted.origin]).toEqual([[], ['safety'], 'fallback']);
    expect(
      vetted
        .explain()
        .filter((one) => one.sources.includes('other'))
        .map((one) => one.droppedBy),
    ).toEqual(['safety', 'safety']);
  });

  it('of taste may be skipped, when they say so', async () => {
    const slate = await begin()
      .sources(pool)
      .filter({ ...broken, onFailure: 'skip' })
      .select(topK(limit, 'x'))
      .bind(noPorts)
      .run({});
    expect([slate.items.length, slate.degraded]).toEqual([2, ['safety']]);
  });

  it('drop candidates of a fallback whose columns could not be hydrated, and keep judging the rest', async () => {
    const slate = await begin()
      .sources(fromList('main', []))
      .fallback(fromList('popular', ['p', 'q', 'seen']))
      .hydrate({
        name: 'down',
        columns: { blocked: int32() },
        hydrate: () => {
          throw new Error('down');
        },
        onMissing: 'fail',
      })
      .filter(
        keepIf('unseen', (item) => item.id !== 'seen'),
        { ...keepIf('not-blocked', (item: { readonly blocked: number }) => !(item.blocked > 0)) },
      )
      .select(topK(limit, 'blocked'))
      .bind(noPorts)
      .run({});
    expect([slate.items, slate.degraded]).toEqual([[], ['down', 'not-blocked']]);
  });

  it('that answer with a promise, or of the wrong length, do not pass anything', async () => {
    const asynchronous = { name: 'async', mask: (async () => Uint8Array.of(1, 1)) as never };
    await expect(
      begin().sources(pool).filter(asynchronous).select(topK(limit, 'x')).bind(noPorts).run({}),
    ).rejects.toThrow('answers at once');
    const short = { name: 'short', mask: () => Uint8Array.of(1) };
    await expect(begin().sources(pool).filter(short).select(topK(limit, 'x')).bind(noPorts).run({})).rejects.toThrow(
      'returned 1 results for 2 candidates',
    );
    const truthy = keepIf('truthy', (() => 'yes') as never);
    expect((await begin().sources(pool).filter(truthy).select(topK(limit, 'x')).bind(noPorts).run({})).items).toEqual(
      [],
    );
  });
});

describe('what stages return', () => {
  it('must be what they declare', async () => {
    const wrongType = {
      ...pool,
      fetch: () => Frame.fromRows({ id: string(), x: string() }, [{ id: 'a', x: 'no' }]) as never,
    };
    const lacking = { ...pool, fetch: () => Frame.fromRows({ id: string() }, [{ id: 'a' }]) as never };
    const wrongRow = { ...pool, fetch: () => [{ id: 'a', x: 'no' }] as never };
    for (const source of [wrongType, lacking, wrongRow]) {
      await expect(
        begin()
          .sources({ ...source, onFailure: 'fail' })
          .select(topK(limit, 'x'))
          .bind(noPorts)
          .run({}),
      ).rejects.toThrow(/^Stage "pool" of pipeline "test" failed: .*olumn "x"/);
    }
    const short = { name: 's', scores: ['score'] as const, score: () => ({ score: new Float64Array(1) }) };
    await expect(begin().sources(pool).score(short).select(topK(limit, 'score')).bind(noPorts).run({})).rejects.toThrow(
      'returned 1 results for 2 candidates',
    );
    const twice = { name: 'twice', select: () => Int32Array.of(0, 0) };
    await expect(begin().sources(pool).select(twice).bind(noPorts).run({})).rejects.toThrow('chose position 0 twice');
    const unknown = {
      name: 'unknown',
      select: () => new Int32Array(0),
      wanted: () => {
        throw new Error('how many?');
      },
    };
    await expect(
      begin()
        .sources(pool)
        .fallback({ ...pool, name: 'other' })
        .select(unknown)
        .bind(noPorts)
        .run({}),
    ).rejects.toThrow('Stage "unknown" of pipeline "test" failed: how many?');
    const outside = { name: 'outside', select: () => Int32Array.of(2) };
    await expect(begin().sources(pool).select(outside).bind(noPorts).run({})).rejects.toThrow(
      'chose position 2 of 2 candidates',
    );
  });

  it('may have its columns in another order, and more of them', async () => {
    const fetch = () =>
      Frame.fromRows({ more: int32(), x: float64(), id: string() }, [{ more: 1, x: 3, id: 'a' }]) as never;
    expect(
      (
        await begin()
          .sources({ ...pool, fetch })
          .select(topK(limit, 'x'))
          .bind(noPorts)
          .run({})
      ).items,
    ).toEqual([{ id: 'a', x: 3 }]);
  });

  it('reaches the right candidates after a filter, lists included', async () => {
    const tags = { tags: list(string()) };
    const slate = await begin()
      .sources({ ...pool, fetch: () => [...rows, { id: 'c', x: 3 }] })
      .filter(keepIf('not-b', (item) => item.id !== 'b'))
      .hydrate({
        name: 'tags',
        columns: tags,
        hydrate: (items) => items.ids().map((id) => ({ tags: id === 'a' ? ['x', 'y'] : [id] })),
        onMissing: 'fail',
      })
      .select(topK(limit, 'x'))
      .bind(noPorts)
      .run({});
    expect(slate.items).toEqual([
      { id: 'c', x: 3, tags: ['c'] },
      { id: 'a', x: 1, tags: ['x', 'y'] },
    ]);
  });

  it('cannot be read through a row that escaped its loop', async () => {
    let escaped: { readonly id: string } | undefined;
    const leak = keepIf('leak', (item: { readonly id: string }) => {
      escaped = item;
      return true;
    });
    await begin().sources(pool).filter(leak).select(topK(limit, 'x')).bind(noPorts).run({});
    expect(() => escaped?.id).toThrow('was read after its loop');
  });
});

describe('failures that are not shown to the caller', () => {
  it('are logged, once a second and stage, with their number', async () => {
    const lines: [string, LogFields | undefined][] = [];
    const note = (message: string, fields?: LogFields): void => void lines.push([message, fields]);
    const log: Logger = { debug: note, info: note, warn: note, error: note, with: () => log };
    const bound = begin()
      .sources({ ...pool, name: 'down', fetch: faults.throws }, pool)
      .select(topK(limit, 'x'))
      .bind(noPorts, { log });
    for (let round = 0; round < 5; round += 1) await bound.run({});
    expect(lines).toEqual([
      [
        'A stage failed; the request went on without it',
        { pipeline: 'test', stage: 'down', error: 'broken', withheld: 0 },
      ],
    ]);
  });
});
