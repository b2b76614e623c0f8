import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FileRecord, LogEntry } from './log-entry.ts';
import { TableLog } from './table-log.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'milonga-log-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const open = (keepMs = 60_000): TableLog => TableLog.open('table', { root, durability: 'process-crash', keepMs });
const folder = (): string => join(root, 'table', 'log');
const entryPath = (version: number): string => join(folder(), `${String(version).padStart(20, '0')}.json`);

/** An append of one offset, with a file of eight bytes. */
function append(offset: number): LogEntry {
  const path = `fresh/${offset}.parquet`;
  mkdirSync(join(root, 'table', 'fresh'), { recursive: true });
  writeFileSync(join(root, 'table', path), 'eight by');
  const file: FileRecord = { path, rows: 1, bytes: 8, from: 0, to: 0, columns: 1 };
  return { kind: 'append', files: [file], ranges: [{ partition: 0, first: offset, last: offset }] };
}
const commitMany = async (log: TableLog, count: number): Promise<void> => {
  for (let i = 0; i < count; i += 1) await log.commit((state) => append((state.coverage.lasts().get(0) ?? -1) + 1));
};
const lastIn = (log: TableLog): number | undefined => log.refresh().coverage.lasts().get(0);

describe('commits', () => {
  test('of several logs that race are one after the other, and all see all', async () => {
    const logs = [open(), open(), open()];
    await Promise.all(logs.map((log) => commitMany(log, 30)));
    for (const log of [...logs, open()]) {
      expect(log.refresh().version).toBe(90);
      expect(log.state.coverage.toRanges()).toEqual([{ partition: 0, first: 0, last: 89 }]);
      expect(log.state.files.size).toBe(90);
    }
  });

  test('none when there is nothing to say', async () => {
    const log = open();
    expect(await log.commit(() => undefined)).toBeUndefined();
    expect(log.refresh().version).toBe(0);
  });
});

describe('checkpoints', () => {
  test('hold everything, and let old entries go', async () => {
    const log = open(0);
    await commitMany(log, 70);
    await log.commit(() => ({ kind: 'replace', remove: ['fresh/3.parquet'], files: [], at: 5 }));
    await commitMany(log, 130);
    const names = readdirSync(folder());
    expect(names.filter((name) => name.includes('checkpoint')).length).toBeLessThanOrEqual(2);
    expect(names.length).toBeLessThan(140);
    const anew = open();
    expect(anew.state.toCheckpoint()).toEqual(log.state.toCheckpoint());
    expect(anew.state.removed).toEqual(new Map([['fresh/3.parquet', 5]]));
  });

  test('a damaged one does not matter while the entries are there', async () => {
    const log = open();
    await commitMany(log, 130);
    for (const name of readdirSync(folder()).filter((one) => one.includes('checkpoint')))
      truncateSync(join(folder(), name), 20);
    expect(open().state.toCheckpoint()).toEqual(log.state.toCheckpoint());
  });

  test('who was asleep while entries were purged catches up, and writes again what may have been swept', async () => {
    const sleeper = open(20);
    await commitMany(sleeper, 3);
    const pending = sleeper.pending.announce('fresh/new.parquet');
    await new Promise((resolve) => setTimeout(resolve, 40));
    const busy = open(0);
    await commitMany(busy, 200);
    expect(readdirSync(folder()).includes('00000000000000000004.json')).toBe(false);
    expect(lastIn(sleeper)).toBe(202);
    expect(pending.isSwept).toBe(true);
    await commitMany(sleeper, 1);
    expect(lastIn(busy)).toBe(203);
  });

  test('who falls asleep between looking and committing does not commit into the past', async () => {
    const sleeper = open(20);
    await commitMany(sleeper, 3);
    let asked = 0;
    const version = await sleeper.commit(async (state) => {
      asked += 1;
      if (asked === 1) {
        await new Promise((resolve) => setTimeout(resolve, 40));
        await commitMany(open(0), 200);
      }
      return append((state.coverage.lasts().get(0) ?? -1) + 1);
    });
    expect(asked).toBe(2);
    expect(version).toBe(204);
    expect(lastIn(open())).toBe(203);
  });
});

describe('after a power cut', () => {
  test.each([
    ['cut off', () => truncateSync(entryPath(5), 30)],
    ['empty', () => truncateSync(entryPath(5), 0)],
    ['zeros', () => writeFileSync(entryPath(5), Buffer.alloc(200))],
    ['there without its file', () => rmSync(join(root, 'table/fresh/4.parquet'))],
    ['there with half of its file', () => truncateSync(join(root, 'table/fresh/4.parquet'), 4)],
  ])('a newest entry that is %s is taken back, and kept aside', async (_, damage) => {
    await commitMany(open(), 5);
    damage();
    const log = open();
    expect(log.state.version).toBe(4);
    expect(lastIn(log)).toBe(3);
    expect(readdirSync(folder()).some((name) => name.startsWith('lost-'))).toBe(true);
    await commitMany(log, 2);
    expect(lastIn(open())).toBe(5);
  });

  test('several at the end are taken back', async () => {
    await commitMany(open(), 6);
    for (const version of [4, 5, 6]) truncateSync(entryPath(version), 10);
    expect(lastIn(open())).toBe(2);
  });

  test('damage before what is whole is not guessed at', async () => {
    await commitMany(open(), 6);
    truncateSync(entryPath(3), 10);
    expect(() => open()).toThrow(expect.objectContaining({ code: 'MILONGA_STORAGE_CORRUPT' }));
    rmSync(entryPath(3));
    expect(() => open()).toThrow(expect.objectContaining({ code: 'MILONGA_STORAGE_CORRUPT' }));
  });
});

test('entries are text that a person can read', async () => {
  await commitMany(open(), 1);
  expect(JSON.parse(readFileSync(entryPath(1), 'utf8'))).toEqual(append(0));
  utimesSync(entryPath(1), 1, 1);
  expect(lastIn(open())).toBe(0);
});
