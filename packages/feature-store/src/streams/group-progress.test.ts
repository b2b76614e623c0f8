import type { EventBatch, EventSource } from '@milonga/core';
import { expect, test } from 'vitest';
import { GroupProgress } from './group-progress.ts';

const handled: EventBatch = { topic: 't', partition: 0, attempt: 1, events: [] };

/** A source whose broker does not tell how many events wait; `reach` says that the group has come to its markers. */
function markedSource() {
  const reached = Promise.withResolvers<void>();
  let signal: AbortSignal | undefined;
  const source: EventSource = {
    subscribe: () => Promise.reject(new Error('not in this test')),
    positions: () => Promise.resolve([{ partition: 0, committedOffset: 3, endOffset: 3 }]),
    caughtUp: (_topic, _group, options) => {
      signal = options?.signal;
      return reached.promise;
    },
  };
  return { source, reached, isCancelled: () => signal?.aborted ?? false };
}

test('waits for the markers where a source has them, whatever positions say', async () => {
  const { source, reached, isCancelled } = markedSource();
  const progress = new GroupProgress(source, 't', 'g');
  let isSettled = false;
  const settling = progress.settle().then(() => {
    isSettled = true;
  });
  progress.handled(handled);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(isSettled).toBe(false);
  reached.resolve();
  await settling;
  expect(isCancelled()).toBe(true);
});

test('a group that stops or fails waits for no marker', async () => {
  const { source, isCancelled } = markedSource();
  const stopping = new GroupProgress(source, 't', 'g');
  const settling = stopping.settle();
  stopping.stop();
  await settling;
  expect(isCancelled()).toBe(true);
  const failing = new GroupProgress(source, 't', 'g');
  const rejected = expect(failing.settle()).rejects.toThrow('gone');
  failing.fail(new Error('gone'));
  await rejected;
});
