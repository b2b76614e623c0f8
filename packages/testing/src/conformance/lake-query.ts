import { Frame, int32 } from '@milonga/core';
import { expect, test } from 'vitest';
import { expectCode } from './expectations.ts';
import { frameOf, gift, type LakeSubject, manyGifts, read } from './lake-subject.ts';

const numbers = (length: number): Frame =>
  Frame.fromColumns({ n: int32() }, { n: Int32Array.from({ length }, (_, i) => i) });
/** Work for minutes, in little memory. */
const ENDLESS = 'SELECT SUM(a.n * 1.0 * b.n + c.n) AS x FROM numbers AS a, numbers AS b, numbers AS c';

export function testQueries(subject: LakeSubject): void {
  testStreams(subject);
  testStatements(subject);
}

function testStreams({ one, other, table, options }: LakeSubject): void {
  test('frames come one after the other, none of them empty, all of one layout', async () => {
    const name = await table();
    await one().append(name, manyGifts('a', 30_000, 400), { ranges: [] });
    const ids = new Set<string>();
    let frames = 0;
    let layout: unknown;
    for await (const frame of other().query(`SELECT * FROM ${one().dialect.table(name)}`)) {
      expect(frame.length).toBeGreaterThan(0);
      layout ??= frame.layout;
      expect(frame.layout).toBe(layout);
      frames += 1;
      for (const id of frame.column('id').toArray()) ids.add(id as string);
    }
    expect(ids.size).toBe(30_000);
    expect(frames).toBeGreaterThan(1);
  });

  test('no row, no frame', async () => {
    const name = await table();
    for await (const frame of one().query(`SELECT * FROM ${one().dialect.table(name)}`))
      expect.fail(`a frame of ${frame.length} rows`);
  });

  test('what was read stays as it was, whatever is read later', async () => {
    const name = await table();
    await one().append(name, manyGifts('a', 20_000, 10), { ranges: [] });
    const frames: Frame[] = [];
    for await (const frame of one().query(`SELECT id, coins FROM ${one().dialect.table(name)}`)) frames.push(frame);
    await read(one(), `SELECT * FROM ${one().dialect.table(name)}`);
    expect(new Set(frames.flatMap((frame) => frame.column('id').toArray())).size).toBe(20_000);
  });

  test('a reader who leaves early leaves the lake in order', async () => {
    const name = await table();
    await one().append(name, manyGifts('a', 40_000, 10), { ranges: [] });
    for (let i = 0; i < 20; i += 1) {
      for await (const frame of one().query(`SELECT * FROM ${one().dialect.table(name)}`)) {
        expect(frame.length).toBeGreaterThan(0);
        break;
      }
    }
    expect(await read(one(), `SELECT COUNT(*) AS n FROM ${one().dialect.table(name)}`)).toEqual([{ n: 40_000 }]);
  });

  test('many queries at once, and queries within the loop of another', async () => {
    const name = await table();
    await one().append(name, manyGifts('a', 20_000, 10), { ranges: [] });
    const sql = `SELECT COUNT(*) AS n FROM ${one().dialect.table(name)} WHERE coins >= ?`;
    const counts = await Promise.all(Array.from({ length: 30 }, (_, i) => read(one(), sql, [i % 5])));
    expect(counts.map(([row]) => row!.n)).toEqual(Array.from({ length: 30 }, (_, i) => 20_000 - (i % 5) * 4_000));
    const nest = async (depth: number): Promise<void> => {
      if (depth === 0) return;
      for await (const frame of one().query(`SELECT * FROM ${one().dialect.table(name)}`)) {
        expect(frame.length).toBeGreaterThan(0);
        await nest(depth - 1);
        return;
      }
    };
    await nest(8);
  });

  test('a query sees what was appended before it was first read from', async () => {
    const name = await table();
    const before = one()
      .query(`SELECT COUNT(*) AS n FROM ${one().dialect.table(name)}`)
      [Symbol.asyncIterator]();
    await other().append(name, frameOf([gift('a', 0)]), { ranges: [] });
    expect((await before.next()).value?.toRows()).toEqual([{ n: 1 }]);
  });

  test.runIf(options.endsCancelledQueries ?? true)(
    'cancelling stops a query that is at work, and the lake goes on',
    async () => {
      for (let i = 0; i < 4; i += 1) {
        const controller = new AbortController();
        const outcome = expectCode(
          read(one(), ENDLESS, [], { frames: { numbers: numbers(20_000) }, signal: controller.signal }),
          'MILONGA_ABORTED',
        );
        setTimeout(() => controller.abort(), i * 30);
        const startedAt = performance.now();
        await outcome;
        expect(performance.now() - startedAt).toBeLessThan(5_000);
      }
      expect(await read(one(), 'SELECT 1 AS x')).toEqual([{ x: 1 }]);
    },
  );

  test.runIf(options.endsCancelledQueries ?? true)('cancelling stops queries that wait for others, too', async () => {
    const controller = new AbortController();
    const options = { frames: { numbers: numbers(20_000) }, signal: controller.signal };
    const outcomes = Promise.all(
      Array.from({ length: 12 }, () => expectCode(read(one(), ENDLESS, [], options), 'MILONGA_ABORTED')),
    );
    setTimeout(() => controller.abort(), 100);
    await outcomes;
    expect(await read(one(), 'SELECT 1 AS x')).toEqual([{ x: 1 }]);
  });

  test('cancelling between two frames ends the stream', async () => {
    const name = await table();
    await one().append(name, manyGifts('a', 60_000, 10), { ranges: [] });
    const controller = new AbortController();
    const reader = one()
      .query(`SELECT * FROM ${one().dialect.table(name)}`, [], { signal: controller.signal })
      [Symbol.asyncIterator]();
    await reader.next();
    controller.abort();
    await expectCode(reader.next(), 'MILONGA_ABORTED');
    expect((await reader.next()).done).toBe(true);
  });
}

function testStatements({ one, table, options }: LakeSubject): void {
  test('an error of the engine tells the place in the SQL, and is not retryable', async () => {
    const name = await table();
    const error = await read(one(), `SELECT id,\n  nowhere\nFROM ${one().dialect.table(name)}`).catch(
      (reason: unknown) => reason,
    );
    await expectCode(Promise.reject(error), 'MILONGA_LAKE_QUERY_FAILED');
    expect(error).toMatchObject({ isRetryable: false, message: expect.stringContaining('nowhere') });
    if (options.tellsPlaces ?? true) expect((error as Error).message).toMatch(/LINE 2|\[?2:3\]?/);
    expect((error as Error).cause).toBeInstanceOf(Error);
  });

  const sameNames = (options.refusesSameNames ?? true) ? [['one name twice', 'SELECT 1 AS a, 2 AS a']] : [];
  test.each<readonly string[]>([
    ['nonsense', 'SELEKT 1'],
    ['nothing', ''],
    ['two statements', 'SELECT 1 AS a; SELECT 2 AS b'],
    ['a new table', 'CREATE TABLE mine (a INTEGER)'],
    ['an insert', 'INSERT INTO mine VALUES (1)'],
    ['a setting', 'SET threads = 1'],
    ['a file outside', "SELECT * FROM '/etc/passwd'"],
    ...sameNames,
    ['a decimal', 'SELECT CAST(1.5 AS DECIMAL(10, 2)) AS a'],
    ['a failure at work', "SELECT CAST(id AS INTEGER) AS a FROM (SELECT 'x' AS id)"],
  ])('refuses %s', async (_, sql = '') => {
    await expectCode(read(one(), sql), 'MILONGA_LAKE_QUERY_FAILED');
    expect(await read(one(), 'SELECT 1 AS x')).toEqual([{ x: 1 }]);
  });

  test('a table cannot be changed by a query', async () => {
    const name = await table();
    await one().append(name, frameOf([gift('a', 0)]), { ranges: [] });
    const sql = one().dialect.table(name);
    for (const change of [
      `DELETE FROM ${sql}`,
      `DROP TABLE ${sql}`,
      `DROP VIEW ${sql}`,
      `UPDATE ${sql} SET id = 'b'`,
    ]) {
      await expectCode(read(one(), change), 'MILONGA_LAKE_QUERY_FAILED');
    }
    expect(await read(one(), `SELECT id FROM ${sql}`)).toEqual([{ id: 'a' }]);
  });
}
