import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { withLock } from './lock.ts';
import { identifyProcess } from './process-identity.ts';
import { temporaryFolder } from './temporary-folder.fixture.ts';

test('one at a time holds a lock, and all get their turn', async () => {
  const path = join(await temporaryFolder(), 'a.lock');
  let inside = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    inside += 1;
    most = Math.max(most, inside);
    await delay(5);
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 6 }, () => withLock(path, work)));
  expect(most).toBe(1);
});

test('a lock is given back when the work fails, and leaves no file', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'a.lock');
  await expect(withLock(path, () => Promise.reject(new Error('the work failed')))).rejects.toThrow('the work failed');
  expect(await withLock(path, async () => 'again')).toBe('again');
  expect(await readdir(folder)).toEqual([]);
});

test('the lock of a process that died is taken over, by one at a time', async () => {
  const path = join(await temporaryFolder(), 'a.lock');
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await writeFile(path, JSON.stringify(await identifyProcess(child.pid!)));
  child.kill('SIGKILL');
  await once(child, 'exit');
  let inside = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    inside += 1;
    most = Math.max(most, inside);
    await delay(5);
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 4 }, () => withLock(path, work)));
  expect(most).toBe(1);
});

test('a lock file that was cut short is taken over', async () => {
  const path = join(await temporaryFolder(), 'a.lock');
  await writeFile(path, '{"pi');
  expect(await withLock(path, async () => 'done')).toBe('done');
});

test('whoever waits is told for whom, and can give up', async () => {
  const path = join(await temporaryFolder(), 'a.lock');
  const giveUp = new AbortController();
  const holders: number[] = [];
  await withLock(path, async () => {
    const waiting = withLock(path, async () => 'never', { signal: giveUp.signal, onWait: (pid) => holders.push(pid) });
    await delay(150);
    giveUp.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow();
  });
  expect(holders).toEqual([process.pid]);
  expect(await withLock(path, async () => 'free again')).toBe('free again');
});
