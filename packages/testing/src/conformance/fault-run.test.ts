import { MilongaError } from '@milonga/core';
import { expect, test } from 'vitest';
import { FaultRun, repeatCommand } from './fault-run.ts';
import { WrittenVersions } from './written-versions.ts';

const codes = ['MILONGA_ONLINE_STORE_UNAVAILABLE'] as const;
const rejecting = (
  code: 'MILONGA_ONLINE_STORE_UNAVAILABLE' | 'MILONGA_INTERNAL',
  isRetryable: boolean,
): Promise<never> => Promise.reject(new MilongaError(code, 'planted', { isRetryable }));

test('a call may resolve, or reject with a retryable code of the port; nothing else', async () => {
  const run = new FaultRun({ deadlineMs: 50 });
  expect(await run.call('read', Promise.resolve(1), codes)).toEqual({ value: 1 });
  expect(await run.call('read', rejecting('MILONGA_ONLINE_STORE_UNAVAILABLE', true), codes)).toHaveProperty('failed');
  await expect(run.call('read', rejecting('MILONGA_ONLINE_STORE_UNAVAILABLE', false), codes)).rejects.toThrow(
    'retryable',
  );
  await expect(run.call('read', rejecting('MILONGA_INTERNAL', true), codes)).rejects.toThrow('MILONGA_INTERNAL');
  await expect(run.call('read', Promise.reject(new TypeError('planted')), codes)).rejects.toThrow(TypeError);
  await expect(run.call('read', new Promise(() => {}), codes)).rejects.toThrow('hangs');
});

test('an acknowledged version may give way to later ones and to those of unknown fate alone', () => {
  const versions = new WrittenVersions();
  for (const isAcknowledged of [true, false, true]) versions.settle(versions.next(), isAcknowledged);
  versions.check('row', 3, 3);
  versions.check('row', 2, 3);
  expect(() => versions.check('row', 1, 3)).toThrow('the acknowledged version 3 is lost');
  expect(() => versions.check('row', 0, 3)).toThrow('absent');
  expect(() => versions.check('row', 4, 3)).toThrow('nobody wrote');
});

test('the command repeats one test, whatever is in its name', () => {
  const name = `store > "it's" (local) costs $5`;
  const command = repeatCommand(7, 'src/a.test.ts', name);
  expect(command).toBe(
    'To repeat: MILONGA_CHAOS_SEED=7 npx vitest run src/a.test.ts -t "store.+.it.s. .local. costs .5"',
  );
  const pattern = /-t "(.*)"$/.exec(command)![1]!;
  expect(`store > "it's" (local) costs $5`).toMatch(new RegExp(pattern));
});
