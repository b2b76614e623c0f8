import { Frame, float64, int32, type Lake, type LakeTable, list, nullable, string, timestamp } from '@milonga/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestClock, testClock } from '../clock/test-clock.ts';
import { abortedSignal, expectCode } from './expectations.ts';
import { testAppend } from './lake-append.ts';
import { testCompaction } from './lake-compaction.ts';
import { testDialect } from './lake-dialect.ts';
import { testQueries } from './lake-query.ts';
import {
  frameOf,
  gift,
  gifts,
  idsIn,
  type LakeConformance,
  type LakeSubject,
  range,
  read,
  START,
  tableName,
} from './lake-subject.ts';
import { testValues } from './lake-values.ts';

/**
 * Checks every sentence of the `Lake` contract; that a crash leaves nothing torn needs a process to kill.
 *
 * @example
 * ```ts
 * testLake('memory', { create: () => MemoryLake.open(), close: (lake) => lake.close(), hasFiles: false });
 * ```
 */
export function testLake(name: string, options: LakeConformance): void {
  describe(`${name} conforms to Lake`, () => {
    let one: Lake;
    let other: Lake;
    let clock: TestClock;
    beforeAll(async () => {
      clock = testClock({ now: START });
      one = await options.create(clock);
      other = (await options.another?.(clock)) ?? one;
    });
    afterAll(async () => {
      if (other !== one) await options.close(other);
      await options.close(one);
    });
    const subject: LakeSubject = {
      one: () => one,
      other: () => other,
      clock: () => clock,
      options,
      table: async () => {
        const table = tableName();
        await one.ensureTables([{ name: table, fields: gifts, partitionBy: 'eventAt' }]);
        return table;
      },
    };
    describe('tables', () => testTables(subject));
    describe('append', () => testAppend(subject));
    describe('values', () => testValues(subject));
    describe('query', () => testQueries(subject));
    describe('dialect', () => testDialect(subject));
    describe('compact', () => testCompaction(subject));
    describe('calls', () => testCalls(subject));
  });
}

function testTables({ one, other, table }: LakeSubject): void {
  test('ensureTables is idempotent, and an empty table has no rows and no positions', async () => {
    const name = tableName();
    const definition: LakeTable = { name, fields: gifts, partitionBy: 'eventAt' };
    for (const lake of [one(), other(), one()]) await lake.ensureTables([definition]);
    expect(await read(other(), `SELECT * FROM ${one().dialect.table(name)}`)).toEqual([]);
    expect(await one().positions(name)).toEqual(new Map());
  });

  test('any number of tables at once, from several callers at once', async () => {
    const definitions = Array.from({ length: 4 }, () => ({ name: tableName(), fields: gifts, partitionBy: 'eventAt' }));
    await Promise.all([one(), other(), one(), other()].map((lake) => lake.ensureTables(definitions)));
    for (const { name } of definitions) {
      await one().append(name, frameOf([gift('1', 0)]), { ranges: [range(0, 0, 0)] });
      expect(await idsIn(other(), name)).toEqual(['1']);
    }
    await one().ensureTables([]);
  });

  test('new columns are null in older rows, also when they were declared without null', async () => {
    const name = await table();
    await one().append(name, frameOf([gift('1', 0)]), { ranges: [range(0, 0, 0)] });
    const fields = { ...gifts, price: float64(), tags: list(string()), note: nullable(string()) };
    await other().ensureTables([{ name, fields, partitionBy: 'eventAt' }]);
    const row = { ...gift('2', 1), price: 2.5, tags: ['a'], note: null };
    await other().append(name, Frame.fromRows(fields, [row]), { ranges: [range(0, 1, 1)] });
    for (const lake of [one(), other()]) {
      const sql = `SELECT id, price, tags, note FROM ${lake.dialect.table(name)} ORDER BY id`;
      expect(await read(lake, sql)).toEqual([
        { id: '1', price: null, tags: null, note: null },
        { id: '2', price: 2.5, tags: ['a'], note: null },
      ]);
    }
  });

  test('a writer that knows fewer columns goes on; columns that no definition names stay', async () => {
    const name = await table();
    const more = { ...gifts, price: float64() };
    await one().ensureTables([{ name, fields: more, partitionBy: 'eventAt' }]);
    await other().ensureTables([{ name, fields: { id: string(), eventAt: timestamp() }, partitionBy: 'eventAt' }]);
    await one().append(name, Frame.fromRows(more, [{ ...gift('1', 0), price: 1 }]), { ranges: [range(0, 0, 0)] });
    await other().append(name, frameOf([gift('2', 0)]), { ranges: [range(0, 1, 1)] });
    expect(await read(one(), `SELECT id, coins, price FROM ${one().dialect.table(name)} ORDER BY id`)).toEqual([
      { id: '1', coins: 1, price: 1 },
      { id: '2', coins: 1, price: null },
    ]);
  });

  test('a column may become nullable', async () => {
    const name = await table();
    const fields = { ...gifts, fan: nullable(string()) };
    await one().ensureTables([{ name, fields, partitionBy: 'eventAt' }]);
    await other().append(name, Frame.fromRows(fields, [{ ...gift('1', 0), fan: null }]), { ranges: [] });
    expect(await read(one(), `SELECT fan FROM ${one().dialect.table(name)}`)).toEqual([{ fan: null }]);
  });

  test('a column cannot change its kind, nor a table its partition column', async () => {
    const name = await table();
    const changed = { ...gifts, fan: int32() };
    await expectCode(
      one().ensureTables([{ name, fields: changed, partitionBy: 'eventAt' }]),
      'MILONGA_STORAGE_INCOMPATIBLE',
    );
    const fields = { ...gifts, laterAt: timestamp() };
    await expectCode(other().ensureTables([{ name, fields, partitionBy: 'laterAt' }]), 'MILONGA_STORAGE_INCOMPATIBLE');
    await one().append(name, frameOf([gift('1', 0)]), { ranges: [] });
    expect(await idsIn(one(), name)).toEqual(['1']);
  });

  test.each([
    ['a name with other characters', { name: 'no-table', fields: gifts, partitionBy: 'eventAt' }],
    ['a path', { name: '../up', fields: gifts, partitionBy: 'eventAt' }],
    ['an empty name', { name: '', fields: gifts, partitionBy: 'eventAt' }],
    ['a name that begins with a digit', { name: '1a', fields: gifts, partitionBy: 'eventAt' }],
    ['a partition column that is not there', { name: 'a', fields: gifts, partitionBy: 'nowhere' }],
    ['a partition column that is no timestamp', { name: 'a', fields: gifts, partitionBy: 'coins' }],
    ['a nullable partition column', { name: 'a', fields: { eventAt: nullable(timestamp()) }, partitionBy: 'eventAt' }],
    [
      'columns that differ in case',
      { name: 'a', fields: { eventAt: timestamp(), EventAt: timestamp() }, partitionBy: 'eventAt' },
    ],
  ] satisfies readonly (readonly [string, LakeTable])[])(
    'refuses %s, with MILONGA_DEFINITION_INVALID',
    async (_, wrong) => {
      await expectCode(one().ensureTables([wrong]), 'MILONGA_DEFINITION_INVALID');
    },
  );

  test('tables whose names differ only in case are refused', async () => {
    const name = await table();
    const definition = { name: name.toUpperCase(), fields: gifts, partitionBy: 'eventAt' };
    await expectCode(one().ensureTables([definition]), 'MILONGA_DEFINITION_INVALID');
  });
}

function testCalls({ one, clock, table, options }: LakeSubject): void {
  test('a table that nobody ensured is an error that names it', async () => {
    const name = tableName();
    await expect(one().append(name, frameOf([]), { ranges: [] })).rejects.toThrow(name);
    await expectCode(one().append(name, frameOf([gift('1', 0)]), { ranges: [] }), 'MILONGA_LAKE_APPEND_FAILED');
    await expectCode(one().positions(name), 'MILONGA_LAKE_QUERY_FAILED');
    await expectCode(one().compact(name), 'MILONGA_LAKE_QUERY_FAILED');
    await expectCode(read(one(), `SELECT * FROM ${one().dialect.table(name)}`), 'MILONGA_LAKE_QUERY_FAILED');
  });

  test('cancelling rejects with MILONGA_ABORTED, and nothing happens', async () => {
    const name = await table();
    const signal = abortedSignal();
    await expectCode(
      one().append(name, frameOf([gift('1', 0)]), { ranges: [range(0, 0, 0)], signal }),
      'MILONGA_ABORTED',
    );
    await expectCode(read(one(), 'SELECT 1 AS x', [], { signal }), 'MILONGA_ABORTED');
    await expectCode(one().compact(name, { signal }), 'MILONGA_ABORTED');
    expect(await idsIn(one(), name)).toEqual([]);
    expect(await one().positions(name)).toEqual(new Map());
  });

  test('after close every call rejects with MILONGA_CLOSED, and so does a query that is being read', async () => {
    const name = await table();
    await one().append(name, frameOf(Array.from({ length: 50_000 }, (_, i) => gift(String(i), i % 7))), { ranges: [] });
    const closing = await (options.another ?? options.create)(clock());
    await closing.ensureTables([{ name, fields: gifts, partitionBy: 'eventAt' }]);
    if (options.another === undefined)
      await closing.append(name, frameOf(Array.from({ length: 50_000 }, (_, i) => gift(String(i), 0))), { ranges: [] });
    const reader = closing.query(`SELECT * FROM ${closing.dialect.table(name)}`)[Symbol.asyncIterator]();
    expect((await reader.next()).value?.length).toBeGreaterThan(0);
    await options.close(closing);
    await expectCode(drain(reader), 'MILONGA_CLOSED');
    await expectCode(closing.ensureTables([]), 'MILONGA_CLOSED');
    await expectCode(closing.append(name, frameOf([]), { ranges: [] }), 'MILONGA_CLOSED');
    await expectCode(closing.positions(name), 'MILONGA_CLOSED');
    await expectCode(read(closing, 'SELECT 1 AS x'), 'MILONGA_CLOSED');
    await expectCode(closing.compact(name), 'MILONGA_CLOSED');
  });

  test('closing stops a query that is at work', async () => {
    const closing = await (options.another ?? options.create)(clock());
    const numbers = Frame.fromColumns({ n: int32() }, { n: Int32Array.from({ length: 20_000 }, (_, i) => i) });
    const running = read(
      closing,
      'SELECT SUM(a.n * 1.0 * b.n + c.n) AS x FROM numbers AS a, numbers AS b, numbers AS c',
      [],
      {
        frames: { numbers },
      },
    );
    const outcome = expectCode(running, 'MILONGA_CLOSED');
    await new Promise((resolve) => setTimeout(resolve, 100));
    await options.close(closing);
    await outcome;
  });
}

async function drain(reader: AsyncIterator<Frame>): Promise<void> {
  while ((await reader.next()).done !== true);
}

export type { LakeConformance };
