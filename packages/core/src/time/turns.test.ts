import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

const hold = (ms: number): void => {
  for (const endMs = performance.now() + ms; performance.now() < endMs; );
};

test('a loop goes on for a while, then lets others run', async () => {
  const turns = new Turns('Counting');
  expect(turns.giveWay()).toBeUndefined();
  hold(4);
  let hasOtherRun = false;
  setImmediate(() => {
    hasOtherRun = true;
  });
  await turns.giveWay();
  expect(hasOtherRun).toBe(true);
  expect(turns.giveWay()).toBeUndefined();
});

test('a cancelled loop ends when it gives way', async () => {
  const turns = new Turns('Counting', AbortSignal.abort());
  hold(4);
  await expect(turns.giveWay()).rejects.toMatchObject({
    code: 'MILONGA_ABORTED',
    message: expect.stringContaining('Counting'),
  });
});
