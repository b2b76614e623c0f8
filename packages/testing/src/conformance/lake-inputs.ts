import { type Fields, Frame, int32, list, nullable, string, timestamp } from '@milonga/core';
import { expect, test } from 'vitest';
import { expectCode } from './expectations.ts';
import { type LakeSubject, manyGifts, read, START } from './lake-subject.ts';

const numbers = (length: number): Frame =>
  Frame.fromColumns({ n: int32() }, { n: Int32Array.from({ length }, (_, i) => i) });
/** Work for minutes, in little memory. */
const _ENDLESS = 'SELECT SUM(a.n * 1.0 * b.n + c.n) AS x FROM numbers AS a, numbers AS b, numbers AS c';

/** What a statement is given: parameters and frames. */
export function testInputs(subject: LakeSubject): void {
  testParameters(subject);
  testFrames(subject);
}

function testParameters({ one, table }: LakeSubject): void {
  test('values of every type', async () => {
    const sql = 'SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e';
    expect(await read(one(), sql, ["it's", 1.5, true, null, -7])).toEqual([
      { a: "it's", b: 1.5, c: true, d: null, e: -7 },
    ]);
    expect(await read(one(), 'SELECT ? AS a, ? AS b', ['; DROP TABLE x --', 1e300])).toEqual([
      { a: '; DROP TABLE x --', b: 1e300 },
    ]);
  });

  test('lists, long and empty ones too', async () => {
    const { dialect } = one();
    const name = await table();
    await one().append(name, manyGifts('a', 2_000, 10), { ranges: [] });
    const sql = `SELECT COUNT(*) AS n FROM ${dialect.table(name)} WHERE id IN (SELECT value FROM ${dialect.unnest('?')} AS wanted)`;
    const wanted = Array.from({ length: 5_000 }, (_, i) => `a:${i * 2}`);
    expect(await read(one(), sql, [wanted])).toEqual([{ n: 1_000 }]);
    expect(await read(one(), sql, [[]])).toEqual([{ n: 0 }]);
    const coins = `SELECT COUNT(*) AS n FROM ${dialect.table(name)} WHERE coins IN (SELECT value FROM ${dialect.unnest('?')} AS wanted)`;
    expect(await read(one(), coins, [[1, 3]])).toEqual([{ n: 800 }]);
    expect(await read(one(), coins, [[1.5, 3]])).toEqual([{ n: 400 }]);
    expect(await read(one(), coins, [[]])).toEqual([{ n: 0 }]);
  });

  test('timestamps are compared through the dialect', async () => {
    const { dialect } = one();
    const name = await table();
    await one().append(name, manyGifts('a', 100, 100), { ranges: [] });
    const sql = `SELECT COUNT(*) AS n FROM ${dialect.table(name)} WHERE eventAt >= ${dialect.timestamp('?')} AND eventAt < ${dialect.timestamp('?')}`;
    expect(await read(one(), sql, [START + 10 * 3_600_000, START + 20 * 3_600_000])).toEqual([{ n: 10 }]);
  });

  test('too few, too many and mixed ones are refused', async () => {
    await expectCode(read(one(), 'SELECT ? AS a, ? AS b', [1]), 'MILONGA_LAKE_QUERY_FAILED');
    await expectCode(read(one(), 'SELECT ? AS a', [1, 2]), 'MILONGA_LAKE_QUERY_FAILED');
    await expectCode(read(one(), 'SELECT 1 AS a', [1]), 'MILONGA_LAKE_QUERY_FAILED');
    const mixed = ['a', 1] as unknown as readonly string[];
    await expectCode(
      read(one(), `SELECT value FROM ${one().dialect.unnest('?')} AS x`, [mixed]),
      'MILONGA_LAKE_QUERY_FAILED',
    );
  });
}

function testFrames({ one, table }: LakeSubject): void {
  const asked = {
    fan: string(),
    before: timestamp(),
    tags: list(string()),
    note: nullable(string()),
  } satisfies Fields;
  const rows = Frame.fromRows(asked, [
    { fan: 'user-1', before: START + 5 * 3_600_000, tags: ['x'], note: null },
    { fan: 'user-2', before: START + 2 * 3_600_000, tags: [], note: 'n' },
    { fan: 'nobody', before: START, tags: [], note: 'n' },
  ]);

  test('a frame is a table of the statement, and joins with the lake', async () => {
    const { dialect } = one();
    const name = await table();
    await one().append(name, manyGifts('a', 1_700, 10), { ranges: [] });
    const sql = `SELECT asked.fan, COUNT(gifts.id) AS n FROM ${dialect.table('asked')} AS asked
      LEFT JOIN ${dialect.table(name)} AS gifts ON gifts.fan = asked.fan AND gifts.eventAt < asked.before
      GROUP BY asked.fan ORDER BY 1`;
    expect(await read(one(), sql, [], { frames: { asked: rows } })).toEqual([
      { fan: 'nobody', n: 0 },
      { fan: 'user-1', n: 50 },
      { fan: 'user-2', n: 20 },
    ]);
  });

  test('several frames, read several times, large and empty', async () => {
    const sql =
      'SELECT (SELECT SUM(a.n) FROM large AS a JOIN large AS b ON a.n = b.n) AS sum, (SELECT COUNT(*) FROM nothing) AS n';
    const frames = { large: numbers(50_000), nothing: numbers(0) };
    expect(await read(one(), sql, [], { frames })).toEqual([{ sum: (50_000 * 49_999) / 2, n: 0 }]);
  });

  test('a frame is gone after its statement, also after one that failed, and unseen by others', async () => {
    await read(one(), 'SELECT * FROM given', [], { frames: { given: numbers(1) } });
    await expectCode(read(one(), 'SELECT * FROM given'), 'MILONGA_LAKE_QUERY_FAILED');
    await expectCode(
      read(one(), 'SELECT nowhere FROM given', [], { frames: { given: numbers(1) } }),
      'MILONGA_LAKE_QUERY_FAILED',
    );
    await expectCode(read(one(), 'SELECT * FROM given'), 'MILONGA_LAKE_QUERY_FAILED');
    const sums = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        read(one(), 'SELECT SUM(n) AS sum FROM given', [], { frames: { given: numbers(i + 1) } }),
      ),
    );
    expect(sums.map(([row]) => row!.sum)).toEqual(Array.from({ length: 20 }, (_, i) => (i * (i + 1)) / 2));
  });

  test('a frame with the name of a table, or of another frame in other case, is refused', async () => {
    const name = await table();
    const sql = `SELECT * FROM ${one().dialect.table(name)}`;
    for (const frame of [name, name.toUpperCase()]) {
      await expectCode(read(one(), sql, [], { frames: { [frame]: numbers(1) } }), 'MILONGA_LAKE_QUERY_FAILED');
      await expectCode(
        read(one(), 'SELECT 1 AS x', [], { frames: { [frame]: numbers(1) } }),
        'MILONGA_LAKE_QUERY_FAILED',
      );
    }
    await expectCode(
      read(one(), 'SELECT 1 AS x', [], { frames: { a: numbers(1), A: numbers(2) } }),
      'MILONGA_LAKE_QUERY_FAILED',
    );
    expect(await read(one(), sql)).toEqual([]);
  });
}
