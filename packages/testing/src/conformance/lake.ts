import { Frame, int32, type Lake } from '@milonga/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultyLake } from '../chaos/faulty-lake.ts';
import { type TestClock, testClock } from '../clock/test-clock.ts';
import { abortedSignal, expectCode } from './expectations.ts';
import { testUnderFaults, throughFaults } from './fault-run.ts';
import { testAppend } from './lake-append.ts';
import { testCompaction } from './lake-compaction.ts';
import { testDialect } from './lake-dialect.ts';
import { lakeHistory } from './lake-history.ts';
import { testInputs } from './lake-inputs.ts';
import { testOffsets } from './lake-offsets.ts';
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
import { testTables } from './lake-tables.ts';
import { testValues } from './lake-values.ts';

/**
 * Checks every sentence of the `Lake` contract; that a crash leaves nothing torn needs a process to kill.
 *
 * @example
 * ```ts
 * testLake('memory', { create: () => MemoryLake.open(), close: (lake) => lake.close(), hasFiles: false });
 * ```
 */
export function testLake(name: string, given: LakeConformance): void {
  const options = throughFaults<Lake, LakeConformance>(given, faultyLake);
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
    describe('offsets', () => testOffsets(subject));
    describe('values', () => testValues(subject));
    describe('parameters and frames', () => testInputs(subject));
    describe('query', () => testQueries(subject));
    describe('dialect', () => testDialect(subject));
    describe('compact', () => testCompaction(subject));
    describe('calls', () => testCalls(subject));
    testUnderFaults(options.chaos, 'every row is there once, and positions tell how far it is', async (run) => {
      const real = (await given.another?.(clock)) ?? (await given.create(clock));
      const name = tableName();
      await real.ensureTables([{ name, fields: gifts, partitionBy: 'eventAt' }]);
      await lakeHistory(real, name, run);
      await given.close(real);
    });
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

  test.runIf(options.endsCancelledQueries ?? true)('closing stops a query that is at work', async () => {
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
