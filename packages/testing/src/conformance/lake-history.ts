import type { Lake } from '@milonga/core';
import { expect } from 'vitest';
import { faultyLake } from '../chaos/faulty-lake.ts';
import { during } from './expectations.ts';
import type { FaultRun } from './fault-run.ts';
import { manyGifts, range, read } from './lake-subject.ts';

const PER_BATCH = 10;

/** Sinks that go on where the lake says they are, whatever an append came to: every row is there once at the end. */
export async function lakeHistory(real: Lake, table: string, run: FaultRun): Promise<void> {
  const lake = faultyLake(real, run.plan);
  const batches = Math.ceil(run.rounds / 3);
  const sinks = [0, 1, 2].map((partition) => appendAll(lake, table, run, partition, batches));
  const sql = `SELECT COUNT(*) AS n, COUNT(DISTINCT id) AS ids FROM ${real.dialect.table(table)}`;
  let seen = 0;
  const reader = during(Promise.all(sinks), async () => {
    const outcome = await run.call('query', read(lake, sql), []);
    if ('failed' in outcome) return;
    const { n, ids } = outcome.value[0]!;
    expect(n, 'rows that count twice').toBe(ids);
    expect(Number(n) % PER_BATCH, 'rows of an append that is half visible').toBe(0);
    expect(Number(n), 'rows that were seen before').toBeGreaterThanOrEqual(seen);
    seen = Number(n);
  });
  await run.disturbed([...sinks, reader]);
  const total = 3 * batches * PER_BATCH;
  expect(await read(real, sql)).toEqual([{ n: total, ids: total }]);
  const last = batches * PER_BATCH - 1;
  expect([...(await real.positions(table))].sort()).toEqual([0, 1, 2].map((partition) => [partition, last]));
}

/** What a lake sink does with one partition: append, and after a failure ask how far the lake has come. */
async function appendAll(lake: Lake, table: string, run: FaultRun, partition: number, batches: number): Promise<void> {
  let known = -1;
  for (let attempt = 0; known < batches * PER_BATCH - 1; attempt += 1) {
    expect(attempt, 'attempts for the batches of one partition').toBeLessThan(batches * 50);
    const [first, last] = [known + 1, known + PER_BATCH];
    const rows = manyGifts(`${partition}-${first}`, PER_BATCH, 3);
    const append = lake.append(table, rows, { ranges: [range(partition, first, last)] });
    const outcome = await run.call('append', append, ['MILONGA_LAKE_APPEND_FAILED', 'MILONGA_STORAGE_FULL']);
    if ('value' in outcome) {
      known = last;
      continue;
    }
    const there = (await lake.positions(table)).get(partition) ?? -1;
    expect([known, last], 'where the lake is after an append that failed').toContain(there);
    known = there;
  }
}
