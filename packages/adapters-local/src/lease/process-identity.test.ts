import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { isRunning, machineMs, termFrom } from './machine-time.ts';
import { isGone, thisProcess } from './process-identity.ts';

test('this process is not gone; one that ended is; one of elsewhere may be there', async () => {
  expect(isGone(thisProcess)).toBe(false);
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  const other = { host: thisProcess.host, pid: child.pid!, startedAt: '' };
  expect(isGone(other)).toBe(false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isGone(other)).toBe(true);
  expect(isGone({ ...other, host: 'elsewhere' })).toBe(false);
});

test.runIf(process.platform === 'linux')('another process under the number of one that ended is not that one', () => {
  expect(isGone({ ...thisProcess, startedAt: '1' })).toBe(true);
  expect(isGone({ host: thisProcess.host, pid: process.ppid, startedAt: '1' })).toBe(true);
});

test('a term runs until its end, and one of before the machine was started again does not run', () => {
  const term = termFrom(1_000);
  expect(isRunning(term)).toBe(true);
  expect(isRunning(term, machineMs() + 1_000)).toBe(false);
  expect(isRunning({ expiresAt: machineMs() + 1e9, ttlMs: 1_000 })).toBe(false);
});
