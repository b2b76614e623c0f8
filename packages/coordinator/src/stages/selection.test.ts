import { float64, int32, nullable, string, vector } from '@milonga/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pipeline } from '../pipeline/define-pipeline.ts';
import { noPorts } from '../run/binding.ts';
import { type Diversity, diversify } from './diversify.ts';
import { keepIf } from './keep-if.ts';
import { linear } from './linear.ts';
import { notIn } from './not-in.ts';
import { topK } from './top-k.ts';

interface Row {
  readonly id: string;
  readonly x: number;
  readonly kind: string | null;
  readonly at: Float32Array;
}
const columns = { id: string(), x: float64(), kind: nullable(string()), at: vector(2) };
const row = (id: string, x: number, kind: string | null = null, at = [1, 0]): Row => ({
  id,
  x,
  kind,
  at: Float32Array.from(at),
});
const from = (rows: readonly Row[]) =>
  pipeline('test', { input: { limit: int32() }, unit: 'limit' }).sources({ name: 'rows', columns, fetch: () => rows });
const limit = (query: { readonly limit: number }): number => query.limit;
const idsOf = async (rows: readonly Row[], count: number, by: 'kind' | 'at', rule: Diversity) =>
  (
    await from(rows)
      .select(diversify(topK(limit, 'x'), by, rule))
      .bind(noPorts)
      .run({ limit: count })
  ).items.map((item) => item.id);

describe('topK', () => {
  it('ranks as sorting would, by column and by function', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.double(), fc.integer({ min: 0, max: 3 })), { maxLength: 40 }),
        fc.integer({ min: 1, max: 45 }),
        async (values, count) => {
          const rows = values.map((x, at) => row(`i${at}`, x));
          const worth = (x: number): number => (Number.isFinite(x) ? x : Number.NEGATIVE_INFINITY);
          const order = (left: Row, right: Row): number =>
            worth(right.x) - worth(left.x) || (left.id < right.id ? -1 : 1);
          const sorted = [...rows]
            .sort((left, right) =>
              worth(left.x) === worth(right.x) ? (left.id < right.id ? -1 : 1) : order(left, right),
            )
            .slice(0, count);
          const byColumn = await from(rows).select(topK(limit, 'x')).bind(noPorts).run({ limit: count });
          const byFunction = await from(rows)
            .select(topK(limit, (item) => item.x))
            .bind(noPorts)
            .run({ limit: count });
          expect(byColumn.items.map((item) => item.id)).toEqual(sorted.map((item) => item.id));
          expect(byFunction.items).toEqual(byColumn.items);
        },
      ),
    );
  });
});

describe('diversify', () => {
  const rows = [
    row('a', 9, 'x'),
    row('b', 8, 'x'),
    row('c', 7, 'x'),
    row('d', 6, 'y'),
    row('e', 5),
    row('f', 4),
    row('g', 3, 'y'),
  ];

  it('takes at most so many of a group, null being none, and fills up with the best of the rest', async () => {
    expect(await idsOf(rows, 4, 'kind', { maxPerGroup: 1 })).toEqual(['a', 'd', 'e', 'f']);
    expect(await idsOf(rows, 5, 'kind', { maxPerGroup: 2 })).toEqual(['a', 'b', 'd', 'e', 'f']);
    expect(await idsOf(rows, 7, 'kind', { maxPerGroup: 1 })).toEqual(['a', 'd', 'e', 'f', 'b', 'c', 'g']);
    expect(await idsOf(rows, 7, 'kind', { maxPerGroup: 1, isStrict: true })).toEqual(['a', 'd', 'e', 'f']);
  });

  it('keeps its promise for any candidates', async () => {
    const some = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom('x', 'y', 'z', null)), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(
        some,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 4 }),
        async (given, count, maxPerGroup) => {
          const all = given.map(([x, kind], at) => row(`i${at}`, x, kind));
          const strict = await idsOf(all, count, 'kind', { maxPerGroup, isStrict: true });
          const kinds = strict.map((id) => all.find((one) => one.id === id)!.kind);
          for (const kind of ['x', 'y', 'z'])
            expect(kinds.filter((one) => one === kind).length).toBeLessThanOrEqual(maxPerGroup);
          const possible = ['x', 'y', 'z'].reduce(
            (sum, kind) => sum + Math.min(maxPerGroup, all.filter((one) => one.kind === kind).length),
            0,
          );
          expect(strict.length).toBe(Math.min(count, possible + all.filter((one) => one.kind === null).length));
          expect((await idsOf(all, count, 'kind', { maxPerGroup })).length).toBe(Math.min(count, all.length));
        },
      ),
    );
  });

  it('weighs relevance against likeness, of vectors and of labels', async () => {
    const near = [
      row('a', 1, 'x', [1, 0]),
      row('b', 0.99, 'x', [1, 0.01]),
      row('c', 0.5, 'y', [0, 1]),
      row('d', 0, 'y', [0, 1]),
    ];
    expect(await idsOf(near, 3, 'at', { relevance: 1 })).toEqual(['a', 'b', 'c']);
    expect(await idsOf(near, 3, 'at', { relevance: 0.5 })).toEqual(['a', 'c', 'b']);
    expect(await idsOf(near, 3, 'kind', { relevance: 0.5 })).toEqual(['a', 'c', 'b']);
    expect(await idsOf(near, 9, 'at', { relevance: 0 })).toHaveLength(4);
    expect(await idsOf([], 3, 'at', { relevance: 0.5 })).toEqual([]);
  });

  it('refuses a rule that makes no sense', () => {
    expect(() => diversify(topK(3, 'x' as never), 'kind' as never, { maxPerGroup: 0 })).toThrow(
      'maxPerGroup must be 1 or more',
    );
    expect(() => diversify(topK(3, 'x' as never), 'kind' as never, { relevance: 1.5 })).toThrow(
      'relevance from 0 to 1',
    );
  });

  it('works after another selector, whose order it was given', async () => {
    const slate = await from(rows)
      .select(topK(5, 'x'), diversify(topK(3, 'x'), 'kind', { maxPerGroup: 1 }))
      .bind(noPorts)
      .run({ limit: 3 });
    expect(slate.items.map((item) => item.id)).toEqual(['a', 'd', 'e']);
  });
});

describe('notIn', () => {
  it.each([[[]], [['b']], [['b', 'c', 'd', 'e', 'f', 'zz']], [new Set(['b', 'a'])], [new Set<string>()]])(
    'drops what %o names',
    async (ids) => {
      const rows = ['a', 'b', 'c'].map((id) => row(id, 1));
      const slate = await from(rows)
        .filter(notIn('unseen', () => ids))
        .select(topK(9, 'x'))
        .bind(noPorts)
        .run({ limit: 1 });
      expect(slate.items.map((item) => item.id)).toEqual(['a', 'b', 'c'].filter((id) => ![...ids].includes(id)));
    },
  );
});

describe('linear', () => {
  it('sums what it weighs, of every kind of number, after filters too', async () => {
    const wide = { id: string(), a: float64(), b: int32() };
    const rows = [
      { id: 'p', a: 0.5, b: 2 },
      { id: 'q', a: 1, b: 0 },
      { id: 'r', a: 0.25, b: -1 },
    ];
    const slate = await pipeline('test', { input: { limit: int32() } })
      .sources({ name: 'rows', columns: wide, fetch: () => rows })
      .filter(keepIf('not-q', (item) => item.id !== 'q'))
      .score(linear('score', { a: 2, b: -1 }))
      .select(topK(9, 'score'))
      .returning('id', 'score')
      .bind(noPorts)
      .run({ limit: 1 });
    expect(slate.items).toEqual([
      { id: 'r', score: 1.5 },
      { id: 'p', score: -1 },
    ]);
  });
});
