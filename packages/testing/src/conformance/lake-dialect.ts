import { expect, test } from 'vitest';
import { type LakeSubject, manyGifts, read, START } from './lake-subject.ts';

/** A test for each method, also with a parameter in each place of an argument. */
export function testDialect({ one, table }: LakeSubject): void {
  const value = async (sql: string, parameters: readonly number[] = []): Promise<unknown> => {
    const [row] = await read(one(), `SELECT ${sql} AS x`, parameters);
    return row!.x;
  };

  test('name', () => {
    expect(one().dialect.name).toMatch(/^[a-z][a-z0-9-]*$/);
  });

  test('identifier quotes whatever a column is called', async () => {
    for (const name of ['offset', 'select', 'eventAt', 'with space', 'quote"within', "quote'within", 'ünï']) {
      expect(await read(one(), `SELECT 1 AS ${one().dialect.identifier(name)}`)).toEqual([{ [name]: 1 }]);
    }
  });

  test('table is what stands after FROM and JOIN', async () => {
    const name = await table();
    await one().append(name, manyGifts('a', 10, 10), { ranges: [] });
    const sql = one().dialect.table(name);
    expect(await read(one(), `SELECT COUNT(*) AS n FROM ${sql} AS a JOIN ${sql} AS b ON a.id = b.id`)).toEqual([
      { n: 10 },
    ]);
  });

  test("timestamp and unixMs are each other's inverse, before 1970 too", async () => {
    const { dialect } = one();
    for (const at of [0, START, START + 123, -1, -86_400_001, 253_402_300_799_999]) {
      expect(await value(dialect.timestamp('?'), [at])).toBe(at);
      expect(await value(dialect.unixMs(dialect.timestamp('?')), [at])).toBe(at);
      expect(await value(dialect.unixMs(dialect.timestamp(String(at))))).toBe(at);
    }
    const name = await table();
    await one().append(name, manyGifts('a', 1, 1), { ranges: [] });
    expect(
      await read(
        one(),
        `SELECT ${dialect.unixMs('eventAt')} AS ms, ${dialect.timestamp(dialect.unixMs('eventAt'))} AS eventAt FROM ${dialect.table(name)}`,
      ),
    ).toEqual([{ ms: START, eventAt: START }]);
  });

  test('floorDivide rounds towards minus infinity, with 64 bits', async () => {
    const { dialect } = one();
    const cases: readonly (readonly [number, number])[] = [
      [7, 2],
      [-7, 2],
      [7, -2],
      [-7, -2],
      [8, 2],
      [-8, 2],
      [0, 5],
      [-1, 3_600_000],
      [START, 3_600_000],
      [-START - 1, 86_400_000],
    ];
    for (const [a, b] of cases) {
      expect(await value(dialect.floorDivide('?', '?'), [a, b])).toBe(Math.floor(a / b) + 0);
      expect(await value(dialect.floorDivide(`(${a})`, `(${b})`))).toBe(Math.floor(a / b) + 0);
    }
    expect(
      await value(`CAST(${dialect.floorDivide('9223372036854775807', '4')} = 2305843009213693951 AS INTEGER)`),
    ).toBe(1);
  });

  test('unnest gives the elements of a parameter, in a table with one column', async () => {
    const { dialect } = one();
    const sql = `SELECT value FROM ${dialect.unnest('?')} AS given ORDER BY value`;
    expect(await read(one(), sql, [['b', 'a', 'b']])).toEqual([{ value: 'a' }, { value: 'b' }, { value: 'b' }]);
    expect(await read(one(), sql, [[2, -1]])).toEqual([{ value: -1 }, { value: 2 }]);
    expect(await read(one(), sql, [[]])).toEqual([]);
  });

  test('listAggregate keeps the order that it is told, and leaves nulls out', async () => {
    const { dialect } = one();
    const name = await table();
    await one().append(name, manyGifts('a', 20, 10), { ranges: [] });
    const last = `CASE WHEN coins > 2 THEN NULL ELSE id END`;
    const sql = `SELECT coins % 2 AS odd, ${dialect.listAggregate(last, 'eventAt DESC')} AS ids, COUNT(*) AS n FROM ${dialect.table(name)} WHERE eventAt < ${dialect.timestamp('?')} GROUP BY 1 ORDER BY 1`;
    expect(await read(one(), sql, [START + 5 * 3_600_000])).toEqual([
      { odd: 0, ids: ['a:7', 'a:5', 'a:2', 'a:0'], n: 6 },
      { odd: 1, ids: ['a:6', 'a:1'], n: 4 },
    ]);
  });
}
