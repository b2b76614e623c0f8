import { expect, test } from 'vitest';
import { expectCode } from './expectations.ts';
import { frameOf, gift, idsIn, type LakeSubject, range } from './lake-subject.ts';

/** Ranges, their overlap, and positions. */
export function testOffsets({ one, other, table }: LakeSubject): void {
  test('positions give the greatest offset of each partition', async () => {
    const name = await table();
    await one().append(name, frameOf([gift('a', 0)]), { ranges: [range(3, 0, 9), range(0, 100, 100)] });
    await other().append(name, frameOf([gift('b', 0)]), { ranges: [range(3, 10, 19)] });
    await one().append(name, frameOf([gift('c', 0)]), { ranges: [range(7, 2 ** 40, 2 ** 40 + 5), range(0, 7, 9)] });
    for (const lake of [one(), other()]) {
      expect(await lake.positions(name)).toEqual(
        new Map([
          [3, 19],
          [0, 100],
          [7, 2 ** 40 + 5],
        ]),
      );
    }
  });

  test.each([
    ['the same range', range(0, 10, 19)],
    ['a part of it', range(0, 12, 13)],
    ['more than it', range(0, 0, 100)],
    ['its first offset', range(0, 5, 10)],
    ['its last offset', range(0, 19, 30)],
    ['one offset in the middle', range(0, 15, 15)],
  ])('refuses %s again, in any company, and changes nothing', async (_, again) => {
    const name = await table();
    await one().append(name, frameOf([gift('a', 0)]), { ranges: [range(0, 10, 19)] });
    for (const lake of [one(), other()]) {
      await expectCode(lake.append(name, frameOf([gift('b', 0)]), { ranges: [again] }), 'MILONGA_LAKE_APPEND_OVERLAPS');
      const ranges = [range(1, 0, 5), again];
      await expectCode(lake.append(name, frameOf([gift('b', 0)]), { ranges }), 'MILONGA_LAKE_APPEND_OVERLAPS');
      expect(await idsIn(lake, name)).toEqual(['a']);
      expect(await lake.positions(name)).toEqual(new Map([[0, 19]]));
    }
  });

  test('ranges beside each other, between each other, and of other partitions are no overlap', async () => {
    const name = await table();
    const ranges = [
      range(0, 10, 19),
      range(0, 20, 29),
      range(0, 40, 49),
      range(0, 0, 9),
      range(0, 30, 39),
      range(1, 10, 19),
      range(0, 60, 60),
      range(0, 55, 58),
    ];
    for (const [i, one_] of ranges.entries())
      await (i % 2 === 0 ? one() : other()).append(name, frameOf([gift(String(i), 0)]), { ranges: [one_] });
    expect((await idsIn(one(), name)).length).toBe(ranges.length);
    for (const again of [range(0, 0, 0), range(0, 49, 50), range(0, 58, 59), range(0, 35, 35)]) {
      await expectCode(
        other().append(name, frameOf([gift('x', 0)]), { ranges: [again] }),
        'MILONGA_LAKE_APPEND_OVERLAPS',
      );
    }
    await one().append(name, frameOf([gift('y', 0)]), { ranges: [range(0, 50, 54), range(0, 59, 59)] });
    expect(await other().positions(name)).toEqual(
      new Map([
        [0, 60],
        [1, 19],
      ]),
    );
  });

  test.each([
    ['first above last', [range(0, 5, 4)]],
    ['a negative offset', [range(0, -1, 4)]],
    ['a fraction', [range(0, 0, 1.5)]],
    ['no number', [range(0, Number.NaN, 1)]],
    ['a negative partition', [range(-1, 0, 1)]],
    ['one offset twice', [range(0, 0, 5), range(0, 5, 6)]],
  ])('refuses ranges with %s', async (_, ranges) => {
    const name = await table();
    await expectCode(one().append(name, frameOf([gift('a', 0)]), { ranges }), 'MILONGA_LAKE_APPEND_FAILED');
    expect(await idsIn(one(), name)).toEqual([]);
  });

  test('a batch without rows moves the positions; without rows and ranges nothing happens', async () => {
    const name = await table();
    await one().append(name, frameOf([]), { ranges: [range(0, 0, 99)] });
    await one().append(name, frameOf([]), { ranges: [] });
    expect(await other().positions(name)).toEqual(new Map([[0, 99]]));
    await expectCode(other().append(name, frameOf([]), { ranges: [range(0, 99, 99)] }), 'MILONGA_LAKE_APPEND_OVERLAPS');
    expect(await idsIn(one(), name)).toEqual([]);
  });

  test('a batch without ranges is not protected', async () => {
    const name = await table();
    for (let i = 0; i < 2; i += 1) await one().append(name, frameOf([gift('a', 0)]), { ranges: [] });
    expect(await idsIn(one(), name)).toEqual(['a', 'a']);
    expect(await one().positions(name)).toEqual(new Map());
  });
}
