import { Frame, float64, int32, nullable, string, timestamp } from '@milonga/core';
import { expect, test } from 'vitest';
import { expectCode } from './expectations.ts';
import { frameOf, gift, gifts, idsIn, type LakeSubject, manyGifts, range, read, START } from './lake-subject.ts';

export function testAppend(subject: LakeSubject): void {
  testAtomicity(subject);
  testOffsets(subject);
  testColumns(subject);
}

function testAtomicity({ one, other, table }: LakeSubject): void {
  test('a batch is visible when the call has resolved, to every client', async () => {
    const name = await table();
    await one().append(name, frameOf([gift('a', 0), gift('b', 90)]), { ranges: [range(0, 0, 1)] });
    for (const lake of [one(), other()]) expect(await idsIn(lake, name)).toEqual(['a', 'b']);
    await other().append(name, frameOf([gift('c', -90)]), { ranges: [range(0, 2, 2)] });
    for (const lake of [one(), other()]) expect(await idsIn(lake, name)).toEqual(['a', 'b', 'c']);
  });

  test('a batch over hundreds of hours becomes visible as a whole', async () => {
    const name = await table();
    let isWriting = true;
    const writer = (async () => {
      for (let i = 0; i < 12; i += 1) {
        await one().append(name, manyGifts(`batch-${i}`, 3_000, 300), {
          ranges: [range(0, i * 3_000, i * 3_000 + 2_999)],
        });
      }
      isWriting = false;
    })();
    const sql = `SELECT COUNT(*) AS n, COUNT(DISTINCT id) AS ids FROM ${one().dialect.table(name)}`;
    let seen = 0;
    while (isWriting) {
      const [row] = await read(other(), sql);
      expect(Number(row!.n) % 3_000).toBe(0);
      expect(row!.ids).toBe(row!.n);
      expect(Number(row!.n)).toBeGreaterThanOrEqual(seen);
      seen = Number(row!.n);
    }
    await writer;
    expect(await read(one(), sql)).toEqual([{ n: 36_000, ids: 36_000 }]);
  });

  test('appends of several clients to one table all land', async () => {
    const name = await table();
    await Promise.all(
      Array.from({ length: 24 }, (_, i) =>
        (i % 2 === 0 ? one() : other()).append(name, manyGifts(String(i), 50, 5), {
          ranges: [range(i % 3, i * 50, i * 50 + 49)],
        }),
      ),
    );
    const [row] = await read(one(), `SELECT COUNT(DISTINCT id) AS n FROM ${one().dialect.table(name)}`);
    expect(row).toEqual({ n: 24 * 50 });
    expect(await other().positions(name)).toEqual(
      new Map([
        [0, 1_099],
        [1, 1_149],
        [2, 1_199],
      ]),
    );
  });

  test('of those who race with one range exactly one appends', async () => {
    const name = await table();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 16 }, (_, i) =>
        (i % 2 === 0 ? one() : other()).append(name, frameOf([gift(String(i), 0)]), { ranges: [range(0, 5, 9)] }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBe(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected')
        await expectCode(Promise.reject(outcome.reason), 'MILONGA_LAKE_APPEND_OVERLAPS');
    }
    expect(await idsIn(one(), name)).toEqual([String(outcomes.findIndex(({ status }) => status === 'fulfilled'))]);
  });

  test('a batch whose append is cancelled is there as a whole or not at all, and positions tell', async () => {
    const name = await table();
    for (let i = 0; i < 12; i += 1) {
      const controller = new AbortController();
      const ranges = [range(i, 0, 1_999)];
      const append = one().append(name, manyGifts(`${i}`, 2_000, 40), { ranges, signal: controller.signal });
      setTimeout(() => controller.abort(), i * 2);
      const isThere = await append.then(
        () => true,
        (error: unknown) => expectCode(Promise.reject(error), 'MILONGA_ABORTED').then(() => false),
      );
      const positions = await other().positions(name);
      expect(positions.get(i)).toBe(isThere ? 1_999 : positions.get(i));
      const [row] = await read(
        other(),
        `SELECT COUNT(*) AS n FROM ${one().dialect.table(name)} WHERE id LIKE '${i}:%'`,
      );
      expect(row).toEqual({ n: positions.has(i) ? 2_000 : 0 });
    }
  });
}

function testOffsets({ one, other, table }: LakeSubject): void {
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

function testColumns({ one, other, table }: LakeSubject): void {
  test('columns go by name, whatever their order; a nullable one that is missing is null', async () => {
    const name = await table();
    await one().ensureTables([{ name, fields: { ...gifts, note: nullable(string()) }, partitionBy: 'eventAt' }]);
    const fields = { coins: int32(), fan: string(), eventAt: timestamp(), id: string() };
    await other().append(name, Frame.fromRows(fields, [{ coins: 3, fan: 'bob', eventAt: START, id: 'a' }]), {
      ranges: [],
    });
    const sql = `SELECT * FROM ${one().dialect.table(name)}`;
    expect(await read(one(), sql)).toEqual([{ id: 'a', eventAt: START, fan: 'bob', coins: 3, note: null }]);
  });

  test('a column that the table lacks is an error that names it', async () => {
    const name = await table();
    const fields = { ...gifts, price: float64() };
    const rows = Frame.fromRows(fields, [{ ...gift('a', 0), price: 1 }]);
    await expectCode(one().append(name, rows, { ranges: [] }), 'MILONGA_LAKE_APPEND_FAILED');
    await expect(one().append(name, rows, { ranges: [] })).rejects.toThrow('price');
    expect(await idsIn(one(), name)).toEqual([]);
  });

  test('a missing column, another type, and a null where none may be are errors', async () => {
    const name = await table();
    const missing = Frame.fromRows({ id: string(), eventAt: timestamp() }, [{ id: 'a', eventAt: START }]);
    await expectCode(one().append(name, missing, { ranges: [] }), 'MILONGA_FRAME_SHAPE');
    const other_ = Frame.fromRows({ ...gifts, fan: int32() }, [{ ...gift('a', 0), fan: 1 }]);
    await expectCode(one().append(name, other_, { ranges: [] }), 'MILONGA_FRAME_SHAPE');
    const nulls = Frame.fromRows({ ...gifts, fan: nullable(string()) }, [{ ...gift('a', 0), fan: null }]);
    await expectCode(one().append(name, nulls, { ranges: [] }), 'MILONGA_FRAME_VALUE');
    expect(await idsIn(one(), name)).toEqual([]);
  });

  test('the frame may be used, and its buffers changed, as soon as the call has resolved', async () => {
    const name = await table();
    const rows = manyGifts('a', 100, 10);
    await one().append(name, rows, { ranges: [] });
    (rows.column('coins').values as Int32Array).fill(9_999);
    const [row] = await read(other(), `SELECT MAX(coins) AS most FROM ${one().dialect.table(name)}`);
    expect(row).toEqual({ most: 4 });
  });

  test('slices of a frame are appended as what they show', async () => {
    const name = await table();
    const all = manyGifts('a', 10_000, 100);
    for (const [start, end] of [
      [0, 3],
      [3, 4_101],
      [4_101, 9_999],
      [9_999, 10_000],
    ] as const) {
      await one().append(name, all.slice(start, end), { ranges: [range(0, start, end - 1)] });
    }
    const [row] = await read(
      one(),
      `SELECT COUNT(*) AS n, COUNT(DISTINCT id) AS ids, SUM(coins) AS coins FROM ${one().dialect.table(name)}`,
    );
    expect(row).toEqual({ n: 10_000, ids: 10_000, coins: 20_000 });
  });
}
