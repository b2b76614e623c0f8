import { expect, test } from 'vitest';
import { during } from './expectations.ts';
import { everything, frameOf, gift, gifts, HOUR_MS, type LakeSubject, manyGifts, range, read } from './lake-subject.ts';

export function testCompaction(subject: LakeSubject): void {
  const { one, other, clock, table, options } = subject;
  const content = async (name: string): Promise<readonly unknown[]> =>
    read(other(), `SELECT * FROM ${one().dialect.table(name)} ORDER BY id, eventAt`);

  test('changes no row and no position, also done again', async () => {
    const name = await table();
    for (let i = 0; i < 12; i += 1) {
      await one().append(name, manyGifts(`${i}`, 100, 30, i * 20), { ranges: [range(0, i * 100, i * 100 + 99)] });
    }
    const before = await content(name);
    await clock().advanceBy(200 * HOUR_MS);
    for (let i = 0; i < 3; i += 1) {
      const counts = await one().compact(name);
      if (i > 0) expect(counts.filesAfter).toBe(counts.filesBefore);
      expect(await content(name)).toEqual(before);
    }
    expect(await other().positions(name)).toEqual(new Map([[0, 1_199]]));
  });

  test.runIf(options.hasFiles ?? true)('merges files of closed hours', async () => {
    const name = await table();
    for (let i = 0; i < 20; i += 1) await one().append(name, manyGifts(`${i}`, 10, 3), { ranges: [] });
    await clock().advanceBy(200 * HOUR_MS);
    const { filesBefore, filesAfter } = await one().compact(name);
    expect(filesBefore).toBe(20);
    expect(filesAfter).toBeLessThan(filesBefore / 4);
    expect((await content(name)).length).toBe(200);
  });

  test('an empty table, and one with an empty batch', async () => {
    const name = await table();
    expect(await one().compact(name)).toEqual({ filesBefore: 0, filesAfter: 0 });
    await one().append(name, frameOf([]), { ranges: [range(0, 0, 9)] });
    expect(await one().compact(name)).toEqual({ filesBefore: 0, filesAfter: 0 });
    expect(await one().positions(name)).toEqual(new Map([[0, 9]]));
  });

  test('rows that come late to a merged hour are there', async () => {
    const name = await table();
    for (let round = 0; round < 4; round += 1) {
      await one().append(name, frameOf([gift(`${round}`, 1), gift(`${round} far`, -5_000)]), { ranges: [] });
      await clock().advanceBy(5 * HOUR_MS);
      await other().compact(name);
      expect((await content(name)).length).toBe(2 * (round + 1));
    }
  });

  test('queries, appends and compactions of several clients meanwhile see each row exactly once', async () => {
    const name = await table();
    const perBatch = 200;
    let appended = 0;
    const append = (async () => {
      for (let i = 0; i < 25; i += 1) {
        const rows = manyGifts(String(i), perBatch, 12, i * 4);
        await (i % 2 === 0 ? one() : other()).append(name, rows, {
          ranges: [range(0, i * perBatch, (i + 1) * perBatch - 1)],
        });
        appended += perBatch;
        await clock().advanceBy(4 * HOUR_MS);
      }
    })();
    const compact = [one(), other()].map((lake) => during(append, async () => void (await lake.compact(name))));
    const sql = `SELECT COUNT(*) AS n, COUNT(DISTINCT id) AS ids FROM ${one().dialect.table(name)}`;
    const query = [one(), other()].map((lake) =>
      during(append, async () => {
        const least = appended;
        const [row] = await read(lake, sql);
        expect(row!.n).toBe(row!.ids);
        expect(Number(row!.n) % perBatch).toBe(0);
        expect(Number(row!.n)).toBeGreaterThanOrEqual(least);
      }),
    );
    await Promise.all([append, ...compact, ...query]);
    expect(await read(one(), sql)).toEqual([{ n: 25 * perBatch, ids: 25 * perBatch }]);
    expect(await one().positions(name)).toEqual(new Map([[0, 25 * perBatch - 1]]));
  });

  test('columns that came in between are null where they were', async () => {
    const name = await table();
    await one().append(name, frameOf([gift('1', 0)]), { ranges: [] });
    const fields = { ...gifts, note: everything.note, picture: everything.picture, tags: everything.tags };
    await one().ensureTables([{ name, fields, partitionBy: 'eventAt' }]);
    await one().append(name, frameOf([gift('2', 0)]), { ranges: [] });
    const before = await content(name);
    await clock().advanceBy(10_000 * HOUR_MS);
    await one().compact(name);
    expect(await content(name)).toEqual(before);
    const none = options.hasNullLists === false ? [] : null;
    expect(before).toMatchObject([
      { id: '1', note: null, picture: none, tags: none },
      { id: '2', note: null, picture: none, tags: none },
    ]);
  });
}
