import { Frame, float64, int32, nullable, string, timestamp } from '@milonga/core';
import { expect, test } from 'vitest';
import { during, expectCode } from './expectations.ts';
import { frameOf, gift, gifts, idsIn, type LakeSubject, manyGifts, range, read, START } from './lake-subject.ts';

export function testAppend(subject: LakeSubject): void {
  testAtomicity(subject);
  testColumns(subject);
}

function testAtomicity({ one, other, table, options }: LakeSubject): void {
  test('a batch is visible when the call has resolved, to every client', async () => {
    const name = await table();
    await one().append(name, frameOf([gift('a', 0), gift('b', 90)]), { ranges: [range(0, 0, 1)] });
    for (const lake of [one(), other()]) expect(await idsIn(lake, name)).toEqual(['a', 'b']);
    await other().append(name, frameOf([gift('c', -90)]), { ranges: [range(0, 2, 2)] });
    for (const lake of [one(), other()]) expect(await idsIn(lake, name)).toEqual(['a', 'b', 'c']);
  });

  test('a batch over hundreds of hours becomes visible as a whole', async () => {
    const name = await table();
    const writer = (async () => {
      for (let i = 0; i < 12; i += 1) {
        await one().append(name, manyGifts(`batch-${i}`, 3_000, 300), {
          ranges: [range(0, i * 3_000, i * 3_000 + 2_999)],
        });
      }
    })();
    const sql = `SELECT COUNT(*) AS n, COUNT(DISTINCT id) AS ids FROM ${one().dialect.table(name)}`;
    let seen = 0;
    await during(writer, async () => {
      const [row] = await read(other(), sql);
      expect(Number(row!.n) % 3_000).toBe(0);
      expect(row!.ids).toBe(row!.n);
      expect(Number(row!.n)).toBeGreaterThanOrEqual(seen);
      seen = Number(row!.n);
    });
    expect(await read(one(), sql)).toEqual([{ n: 36_000, ids: 36_000 }]);
  });

  test.runIf(options.isolatesClients ?? true)('appends of several clients to one table all land', async () => {
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

  test.runIf(options.isolatesClients ?? true)('of those who race with one range exactly one appends', async () => {
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
