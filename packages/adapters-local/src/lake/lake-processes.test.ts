import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@milonga/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Child, startChild } from '../../test-support/child.ts';
import { ensureBatches, problemsOf, TABLE } from '../../test-support/lake-batches.ts';
import { DuckLake } from './duck-lake.ts';

const ROUNDS = Number(process.env.MILONGA_KILL_ROUNDS ?? 20);
let dir: string;
const children: Child[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'milonga-lake-processes-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    child.process.kill('SIGKILL');
    await child.ended;
  }
  rmSync(dir, { recursive: true, force: true });
});

function start(name: string, args: readonly string[], shell?: string): Child {
  const child = startChild(name, [dir, ...args], shell);
  children.push(child);
  return child;
}

const open = (): Promise<DuckLake> => DuckLake.open({ dir, clock: systemClock(), keepReplacedMs: 2_000 });
const lastOf = (child: Child, word: string): number =>
  Number(child.lines.findLast((line) => line.startsWith(word))?.split(' ')[1] ?? -1);

test(`a writer that is killed ${ROUNDS} times leaves each batch whole or not at all, and acknowledged ones whole`, async () => {
  const reader = await open(); // the whole time, as another process
  await ensureBatches(reader);
  let acknowledged = -1;
  let batches = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const writer = start('lake-writer', [`round-${round}`, '0']);
    await writer.line('appended');
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 400));
    writer.process.kill('SIGKILL');
    expect(await writer.ended, writer.complaint()).toBe('SIGKILL');
    acknowledged = Math.max(acknowledged, lastOf(writer, 'appended'));
    batches += writer.lines.filter((line) => line.startsWith('appended')).length;
    expect(await problemsOf(reader)).toEqual([]);
    expect((await reader.positions(TABLE)).get(0)).toBeGreaterThanOrEqual(acknowledged);
  }
  await reader.compact(TABLE);
  expect(await problemsOf(reader)).toEqual([]);
  console.log(`killed ${ROUNDS} times: ${batches} batches acknowledged, up to offset ${acknowledged}`);
  await reader.close();
  const afterwards = await open();
  expect(await problemsOf(afterwards)).toEqual([]);
  await afterwards.close();
}, 120_000);

test('writers and compactors of several processes race, while others read: nothing is lost, torn or there twice', async () => {
  const reader = await open();
  await ensureBatches(reader);
  const writers = [0, 1, 2].map((partition) => start('lake-writer', [`writer-${partition}`, String(partition), '40']));
  const ended = Promise.all(writers.map(({ ended: end }) => end));
  let isRunning = true;
  void ended.then(() => {
    isRunning = false;
  });
  let looks = 0;
  for (; isRunning; looks += 1) expect(await problemsOf(reader)).toEqual([]);
  expect(await ended, writers.map(({ complaint }) => complaint()).join('')).toEqual([0, 0, 0]);
  expect(looks).toBeGreaterThan(3);
  expect(await problemsOf(reader)).toEqual([]);
  const positions = await reader.positions(TABLE);
  for (const [partition, writer] of writers.entries())
    expect(positions.get(partition)).toBe(lastOf(writer, 'appended'));
  await reader.close();
}, 60_000);

describe.skipIf(process.platform === 'win32')('a full disk', () => {
  test.each(['process-crash', 'power-loss'])(
    'is a typed error of which nothing is visible, and nothing is lost (%s)',
    async (durability) => {
      // Files end at 256 KiB, by a limit of the system: writes past it fail as those to a full disk do.
      const filler = start('lake-filler', [durability], 'ulimit -f 512');
      expect(await filler.ended, filler.complaint()).toBe(0);
      expect(filler.lines).toEqual([
        'append MILONGA_STORAGE_FULL true',
        'again MILONGA_STORAGE_FULL true',
        'small ok',
        'compact MILONGA_STORAGE_FULL',
        'problems [] true',
        'put true',
        'put MILONGA_STORAGE_FULL true',
        'get undefined 1000',
        'put true',
      ]);
    },
    60_000,
  );
});
