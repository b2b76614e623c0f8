import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Frame, float64, int32, type MilongaError, string, timestamp } from '@milonga/core';
import { type TestClock, testClock } from '@milonga/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TEMPORARY } from '../files/publish-file.ts';
import { DuckLake } from './duck-lake.ts';
import type { DuckLakeOptions } from './lake-options.ts';

const HOUR_MS = 3_600_000;
const START = Date.UTC(2020, 0, 30);
const fields = { id: string(), eventAt: timestamp(), n: int32() };
let root: string;
let clock: TestClock;
const lakes: DuckLake[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'milonga-duck-lake-'));
  clock = testClock({ now: START });
});
afterEach(async () => {
  for (const lake of lakes.splice(0)) await lake.close();
  rmSync(root, { recursive: true, force: true });
});

async function open(options: Partial<DuckLakeOptions> = {}): Promise<DuckLake> {
  const lake = await DuckLake.open({ dir: join(root, 'lake'), clock, ...options });
  lakes.push(lake);
  await lake.ensureTables([{ name: 'events', fields, partitionBy: 'eventAt' }]);
  return lake;
}

/** `rows` rows in each of the hours after `START`. */
const batch = (hours: readonly number[], rows = 10): Frame<typeof fields> =>
  Frame.fromRows(
    fields,
    hours.flatMap((hour) =>
      Array.from({ length: rows }, (_, n) => ({ id: `${hour} ${n}`, eventAt: START + hour * HOUR_MS + n, n })),
    ),
  );

async function count(lake: DuckLake, where = 'true'): Promise<number> {
  for await (const frame of lake.query(`SELECT COUNT(*) AS c, COUNT(DISTINCT id) AS ids FROM events WHERE ${where}`)) {
    const [row] = frame.toRows() as unknown as readonly { readonly c: number; readonly ids: number }[];
    expect(row!.ids).toBe(row!.c);
    return row!.c;
  }
  return -1;
}

const parquet = (): readonly string[] =>
  (readdirSync(join(root, 'lake/events'), { recursive: true }) as string[])
    .filter((name) => name.endsWith('.parquet'))
    .sort();
const folders = (): readonly string[] => [...new Set(parquet().map((path) => path.slice(0, path.lastIndexOf('/'))))];

describe('files', () => {
  test('a batch is one file, named by its ranges, however many hours it has', async () => {
    const lake = await open();
    await lake.append('events', batch(Array.from({ length: 300 }, (_, i) => i)), {
      ranges: [{ partition: 2, first: 100, last: 3_099 }],
    });
    expect(parquet()).toEqual([expect.stringMatching(/^fresh\/2\.100-3099\./)]);
  });

  test.each([
    [1_000, ['month=2020-01', 'month=2020-02']],
    [245, ['date=2020-01-30', 'date=2020-01-31', 'month=2020-02']],
    [15, ['date=2020-01-30/hour=00', 'date=2020-01-30/hour=01', 'date=2020-01-31', 'month=2020-02']],
    [5, ['date=2020-01-30/hour=00', 'date=2020-01-30/hour=01', 'date=2020-01-31/hour=05', 'date=2020-02-01/hour=00']],
  ])(
    'with %i rows a file, merged rows lie in the longest period that is small enough',
    async (rowsPerFile, expected) => {
      const lake = await open({ rowsPerFile, keepReplacedMs: 0 });
      const hours = [0, 1, 29, 48];
      for (const hour of hours) await lake.append('events', batch([hour]), { ranges: [] });
      if (rowsPerFile === 245)
        await lake.append('events', batch(Array.from({ length: 22 }, (_, i) => i + 2)), { ranges: [] });
      await clock.advanceBy(100 * HOUR_MS);
      await lake.compact('events');
      expect(folders()).toEqual(expected);
      expect(await count(lake)).toBe(rowsPerFile === 245 ? 260 : 40);
    },
  );

  test('rows of open hours stay where they are until the hours close', async () => {
    const lake = await open({ keepReplacedMs: 0, closeAfterMs: 10 * 60_000 });
    await lake.append('events', batch([0, 1]), { ranges: [] });
    await clock.advanceBy(HOUR_MS + 5 * 60_000);
    await lake.compact('events');
    expect(folders()).toEqual(['fresh']);
    await clock.advanceBy(10 * 60_000);
    await lake.compact('events');
    expect(folders()).toEqual(['fresh', 'month=2020-01']);
    await clock.advanceBy(HOUR_MS);
    await lake.compact('events');
    expect(folders()).toEqual(['month=2020-01']);
    expect(await count(lake)).toBe(20);
  });

  test('old and far rows have their place', async () => {
    const lake = await open({ keepReplacedMs: 0 });
    const far = [Date.UTC(1969, 11, 31, 23), Date.UTC(9_999, 11, 31), -8_640_000_000_000_000];
    const rows = far.map((eventAt, n) => ({ id: String(n), eventAt, n }));
    await lake.append('events', Frame.fromRows(fields, rows), { ranges: [] });
    await lake.compact('events');
    expect(await count(lake)).toBe(3);
    expect(await count(lake, `eventAt < ${lake.dialect.timestamp('0')}`)).toBe(2);
    const beyond = Frame.fromRows(fields, [{ id: 'x', eventAt: 8_640_000_000_000_001, n: 1 }]);
    await expect(lake.append('events', beyond, { ranges: [] })).rejects.toThrow('eventAt');
  });
});

describe('sweeping', () => {
  test('replaced files stay for a while, then go', async () => {
    const lake = await open({ keepReplacedMs: 150 });
    for (let i = 0; i < 4; i += 1) await lake.append('events', batch([i]), { ranges: [] });
    await clock.advanceBy(100 * HOUR_MS);
    await lake.compact('events');
    expect(parquet().length).toBe(5);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await lake.compact('events');
    expect(parquet().length).toBe(1);
    expect(await count(lake)).toBe(40);
    const anew = await open();
    expect(await count(anew)).toBe(40);
  });

  test('a query that was begun before a compaction reads on after it', async () => {
    const lake = await open({ keepReplacedMs: 60_000 });
    for (let i = 0; i < 6; i += 1) await lake.append('events', batch([i], 5_000), { ranges: [] });
    const reader = lake.query('SELECT * FROM events')[Symbol.asyncIterator]();
    let rows = (await reader.next()).value!.length;
    await clock.advanceBy(100 * HOUR_MS);
    await lake.compact('events');
    for (let next = await reader.next(); next.done !== true; next = await reader.next()) rows += next.value.length;
    expect(rows).toBe(30_000);
  });

  test('what a crashed append left is removed when it is old, and only then', async () => {
    const lake = await open({ keepReplacedMs: 60_000 });
    await lake.append('events', batch([0]), { ranges: [] });
    const old = new Date(Date.now() - 120_000);
    for (const name of ['old', 'new']) writeFileSync(join(root, 'lake/events/fresh', `${name}.parquet`), 'torn');
    mkdirSync(join(root, 'lake/events/date=2020-01-01'));
    writeFileSync(join(root, 'lake/events/date=2020-01-01/old.parquet'), 'torn');
    for (const name of [
      'fresh/old',
      'date=2020-01-01/old',
      parquet()
        .find((path) => /fresh\/\d/.test(path))!
        .replace('.parquet', ''),
    ]) {
      utimesSync(join(root, 'lake/events', `${name}.parquet`), old, old);
    }
    expect(await count(lake)).toBe(10);
    await lake.compact('events');
    expect(parquet().length).toBe(2);
    expect(parquet()).toContain('fresh/new.parquet');
    expect(await count(lake)).toBe(10);
  });

  test('an append whose file another process takes for an orphan writes it again', async () => {
    const writer = await open({ keepReplacedMs: 60_000 });
    const sweeper = await open({ keepReplacedMs: -60_000 }); // nothing is too young for it
    await Promise.all([
      (async () => {
        for (let i = 0; i < 40; i += 1) {
          for (let isDone = false; !isDone; ) {
            isDone = await writer.append('events', batch([i]), { ranges: [{ partition: 0, first: i, last: i }] }).then(
              () => true,
              (error: MilongaError) => {
                expect(error).toMatchObject({ code: 'MILONGA_LAKE_APPEND_FAILED', isRetryable: true }); // gone before it was measured
                return false;
              },
            );
          }
        }
      })(),
      (async () => {
        for (let i = 0; i < 60; i += 1) await sweeper.compact('events');
      })(),
    ]);
    expect(await count(writer)).toBe(400);
    expect(await count(await open())).toBe(400);
  });
});

describe('the engine', () => {
  test('spills to a folder of the lake, which is gone after close', async () => {
    const lake = await open({ memoryLimitMiB: 48 });
    const values = Float64Array.from({ length: 3_000_000 }, (_, i) => (i * 7_919) % 3_000_017);
    const frames = { numbers: Frame.fromColumns({ a: float64(), b: float64() }, { a: values, b: values }) };
    let before = -1;
    let rows = 0;
    let hasSpilled = false;
    for await (const frame of lake.query('SELECT a, b FROM numbers ORDER BY a', [], { frames })) {
      const sorted = frame.column('a').values as Float64Array;
      for (const value of sorted) {
        if (value <= before) expect.fail(`${value} after ${before}`);
        before = value;
      }
      rows += frame.length;
      hasSpilled ||= readdirSync(join(root, 'lake', TEMPORARY)).some((name) => name.startsWith('spill-'));
    }
    expect(rows).toBe(3_000_000);
    expect(hasSpilled).toBe(true);
    await lakes.pop()!.close();
    expect(readdirSync(join(root, 'lake', TEMPORARY))).toEqual([]);
  });

  test('says what helps when memory is not enough', async () => {
    const lake = await open({ memoryLimitMiB: 24 });
    const frames = {
      numbers: Frame.fromColumns({ n: int32() }, { n: Int32Array.from({ length: 100_000 }, (_, i) => i) }),
    };
    const sql =
      "SELECT list(repeat(CAST(n AS VARCHAR), 100)) AS all_of_them, string_agg(repeat('x', 1000), '') AS text FROM numbers";
    const error = await (async () => {
      for await (const frame of lake.query(sql, [], { frames })) return frame;
      return undefined;
    })().catch((reason: unknown) => reason as MilongaError);
    expect(error).toMatchObject({
      code: 'MILONGA_LAKE_QUERY_FAILED',
      message: expect.stringContaining('memoryLimitMiB'),
    });
    expect(await count(lake)).toBe(0);
  });

  test('reads nothing outside of the lake', async () => {
    writeFileSync(join(root, 'secret.csv'), 'a,b\n1,2\n');
    const lake = await open();
    for (const sql of [
      `SELECT * FROM read_csv('${root}/secret.csv')`,
      `SELECT * FROM read_text('${root}/secret.csv')`,
      `SELECT * FROM glob('${root}/*')`,
      `SELECT * FROM read_csv('${root}/lake/../secret.csv')`,
    ]) {
      await expect(lake.query(sql).next(), sql).rejects.toMatchObject({ code: 'MILONGA_LAKE_QUERY_FAILED' });
    }
    expect(existsSync(join(root, 'secret.csv'))).toBe(true);
  });

  test('a directory with a quote in its name', async () => {
    const lake = await open({ dir: join(root, "it's a lake") });
    await lake.append('events', batch([0]), { ranges: [] });
    await lake.compact('events');
    expect(await count(lake)).toBe(10);
  });
});
