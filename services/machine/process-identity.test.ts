import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { identifyProcess, isRunning, parseIdentity } from './process-identity.ts';

test('a process is known by its id and its start', async () => {
  const me = await identifyProcess(process.pid);
  expect(me?.pid).toBe(process.pid);
  expect(await isRunning(me!)).toBe(true);
});

test('another process under the same id is not mistaken for it', async () => {
  const me = await identifyProcess(process.pid);
  expect(await isRunning({ ...me!, started: `${me!.started}0` })).toBe(false);
});

test('a process that has ended runs no more', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  const identity = await identifyProcess(child.pid!);
  expect(await isRunning(identity!)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await isRunning(identity!)).toBe(false);
  expect(await identifyProcess(child.pid!)).toBeUndefined();
});

test('a file that was cut short names nobody', () => {
  expect(parseIdentity('{"pid":12,"started":"99"}')).toEqual({ pid: 12, started: '99' });
  expect(parseIdentity('{"pid":12,"sta')).toBeUndefined();
  expect(parseIdentity('{"pid":"12","started":"99"}')).toBeUndefined();
  expect(parseIdentity('')).toBeUndefined();
});
