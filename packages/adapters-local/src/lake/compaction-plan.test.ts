import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextJob, type PlanLimits, splitOutputs } from './compaction-plan.ts';
import type { FileRecord } from './log-entry.ts';
import { HOUR_MS, type PeriodUnit, periodAt } from './period.ts';

const START = Date.UTC(2020, 0, 1);
const hour = (n: number): number => START + n * HOUR_MS;
let count = 0;
const file = (rows: number, from: number, to: number, unit?: PeriodUnit): FileRecord => {
  count += 1;
  const period = unit === undefined ? {} : { period: { unit, start: periodAt(unit, hour(from)).start } };
  return { path: `file-${count}`, rows, bytes: rows, from: hour(from), to: hour(to), columns: 1, ...period };
};
const limits: PlanLimits = { boundary: hour(100), rowsPerFile: 1_000 };

describe('the next job', () => {
  test('none for nothing, for one file of a closed period, and for a few open ones', () => {
    expect(nextJob([], limits)).toBeUndefined();
    expect(nextJob([file(10, 0, 5, 'month')], limits)).toBeUndefined();
    expect(
      nextJob(
        Array.from({ length: 7 }, () => file(10, 100, 105)),
        limits,
      ),
    ).toBeUndefined();
  });

  test('fresh files with rows of closed hours are split, the earliest first, so many as a sort can take', () => {
    const files = [file(3_000, 50, 60), file(900, 10, 120), file(500, 99, 99), file(10, 100, 101)];
    const job = nextJob(files, limits);
    expect(job?.kind).toBe('split');
    expect(job?.inputs.map(({ rows }) => rows)).toEqual([900, 3_000]);
    expect(nextJob([file(50_000, 0, 1)], limits)?.inputs.length).toBe(1);
  });

  test('files of one partition are merged, but a large one only with enough that is new', () => {
    const large = file(800, 0, 5, 'month');
    const small = [file(20, 0, 5, 'month'), file(30, 1, 2, 'month')];
    expect(nextJob([large, ...small], limits)?.inputs).toEqual(small);
    expect(nextJob([large, small[0]!], limits)).toBeUndefined();
    expect(nextJob([large, file(200, 3, 4, 'month')], limits)?.inputs.length).toBe(2);
    expect(nextJob([file(800, 0, 5, 'month'), file(700, 0, 5, 'month')], limits)).toBeUndefined();
    expect(nextJob([file(10, 0, 5, 'day'), file(10, 30, 31, 'day'), file(10, 0, 1, 'hour')], limits)).toBeUndefined();
  });

  test('many small files of open hours are merged', () => {
    expect(
      nextJob(
        Array.from({ length: 20 }, () => file(10, 100, 105)),
        limits,
      )?.inputs.length,
    ).toBe(20);
  });

  test('whatever there is, jobs come to an end, and no merged file is too large', () => {
    const unit = fc.constantFrom<PeriodUnit | undefined>(undefined, 'hour', 'day', 'month');
    const any = fc.record({ rows: fc.integer({ min: 1, max: 1_500 }), at: fc.nat(150), unit });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 60 }), (given) => {
        let files = given.map(({ rows, at, unit: of }) => file(rows, at, at, of));
        const total = files.reduce((sum, { rows }) => sum + rows, 0);
        for (let job = nextJob(files, limits), jobs = 0; job !== undefined; job = nextJob(files, limits), jobs += 1) {
          expect(jobs).toBeLessThan(200);
          const { inputs, kind } = job;
          const rows = inputs.reduce((sum, one) => sum + one.rows, 0);
          if (kind === 'merge') expect(rows).toBeLessThanOrEqual(limits.rowsPerFile);
          const hours = inputs.map((one) => ({ rows: one.rows, from: one.from, to: one.to }));
          const made =
            kind === 'merge'
              ? [{ ...inputs[0]!, rows }]
              : splitOutputs(hours, files, limits).map((output) => ({
                  ...output,
                  bytes: 1,
                  columns: 1,
                  period: output.period,
                }));
          files = [
            ...files.filter((one) => !inputs.includes(one)),
            ...made.map((one, i) => ({ ...one, path: `made-${jobs}-${i}` }) as FileRecord),
          ];
        }
        expect(files.reduce((sum, { rows }) => sum + rows, 0)).toBe(total);
        expect(files.some(({ period, from }) => period === undefined && from < limits.boundary)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });
});

describe('where rows go', () => {
  const outputs = (hours: readonly (readonly [at: number, rows: number])[], files: readonly FileRecord[] = []) =>
    splitOutputs(
      hours.map(([at, rows]) => ({ rows, from: hour(at), to: hour(at) + 5 })),
      files,
      limits,
    ).map(({ period, rows }) => [period?.unit ?? 'fresh', rows]);

  test('the month when it is small enough', () => {
    expect(
      outputs([
        [1, 400],
        [50, 500],
        [99, 100],
      ]),
    ).toEqual([['month', 1_000]]);
  });

  test('days when the month is too large, with what it has already; hours when a day is', () => {
    expect(
      outputs(
        [
          [1, 10],
          [30, 10],
        ],
        [file(990, 2, 3, 'month')],
      ),
    ).toEqual([
      ['day', 10],
      ['day', 10],
    ]);
    expect(
      outputs([
        [1, 600],
        [2, 600],
        [3, 5],
        [30, 5],
      ]),
    ).toEqual([
      ['hour', 600],
      ['hour', 600],
      ['hour', 5],
      ['day', 5],
    ]);
  });

  test('rows of open hours stay together and fresh', () => {
    expect(
      outputs([
        [99, 10],
        [100, 5],
        [101, 5],
        [900, 5],
      ]),
    ).toEqual([
      ['month', 10],
      ['fresh', 15],
    ]);
  });
});
