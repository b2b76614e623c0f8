import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { killProcess, logTail, runningProcess, runningProcesses, startProcess, stopProcess } from './processes.ts';
import { temporaryFolder } from './temporary-folder.fixture.ts';
import { waitUntil } from './waiting.ts';

const forever = 'console.log("here"); setInterval(() => {}, 1000)';
const stubborn = `process.on("SIGTERM", () => console.log("no")); ${forever}`;

async function start(script: string): Promise<string> {
  const folder = await temporaryFolder();
  onTestFinished(async () => {
    await killProcess(folder, 'one');
  });
  await startProcess(folder, 'one', { program: process.execPath, args: ['-e', script] });
  const printed = async (): Promise<boolean> => (await logTail(folder, 'one')).includes('here');
  expect(await waitUntil(printed, { timeoutMs: 10_000 })).toBe(true);
  return folder;
}

test('a process is started, found by its name, and stopped', async () => {
  const folder = await start(forever);
  expect(await runningProcesses(folder)).toEqual(['one']);
  const identity = await runningProcess(folder, 'one');
  expect(identity?.pid).not.toBe(process.pid);
  await stopProcess(folder, 'one');
  expect(await runningProcesses(folder)).toEqual([]);
  await expect(readFile(join(folder, 'one.pid'))).rejects.toThrow('ENOENT');
});

test('one that does not end by itself is killed', async () => {
  const folder = await start(stubborn);
  await stopProcess(folder, 'one', 300);
  expect(await runningProcess(folder, 'one')).toBeUndefined();
  expect(await logTail(folder, 'one')).toContain('no');
});

test('killing says whether there was anything to kill', async () => {
  const folder = await start(forever);
  expect(await killProcess(folder, 'one')).toBe(true);
  expect(await killProcess(folder, 'one')).toBe(false);
});

test('a stale pid file counts for nothing: what runs under that id now is left alone', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'one.pid'), JSON.stringify({ pid: process.pid, started: 'long ago' }));
  expect(await runningProcess(folder, 'one')).toBeUndefined();
  expect(await killProcess(folder, 'one')).toBe(false);
  await stopProcess(folder, 'one');
});

test('the log of the start before is kept once', async () => {
  const folder = await start('console.log("here first"); setInterval(() => {}, 1000)');
  await stopProcess(folder, 'one');
  await startProcess(folder, 'one', { program: process.execPath, args: ['-e', 'console.log("here second")'] });
  expect(await readFile(join(folder, 'one.log.1'), 'utf8')).toContain('here first');
  const printed = async (): Promise<boolean> => (await logTail(folder, 'one')).includes('here second');
  expect(await waitUntil(printed, { timeoutMs: 10_000 })).toBe(true);
});

test('a program that is not there is an error at once', async () => {
  const folder = await temporaryFolder();
  await expect(startProcess(folder, 'one', { program: 'no-such-program', args: [] })).rejects.toThrow('ENOENT');
  expect(await runningProcesses(folder)).toEqual([]);
});
