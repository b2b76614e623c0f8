import { type EventBatch, MilongaError, silentLogger } from '@milonga/core';
import { expect, test } from 'vitest';
import { patient } from './patient-handler.ts';

const batch: EventBatch = { topic: 'gift', partition: 0, attempt: 1, events: [] };
const full = new MilongaError('MILONGA_STORAGE_FULL', 'full', { isRetryable: true });
const options = { group: 'g', log: silentLogger, signal: new AbortController().signal };

test('waits for a store that is full or away, longer than a batch has attempts', async () => {
  let calls = 0;
  const handle = patient(async () => {
    calls += 1;
    if (calls <= 6) throw full;
  }, options);
  await handle(batch);
  expect(calls).toBe(7);
});

test('hands on at once what does not pass by waiting', async () => {
  for (const error of [new Error('poison'), new MilongaError('MILONGA_SCHEMA_INVALID', 'bad')]) {
    let calls = 0;
    const handle = patient(async () => {
      calls += 1;
      throw error;
    }, options);
    await expect(handle(batch)).rejects.toBe(error);
    expect(calls).toBe(1);
  }
});

test('ends its waiting when it is told to, and leaves the batch unhandled', async () => {
  const stopping = new AbortController();
  const handle = patient(() => Promise.reject(full), { ...options, signal: stopping.signal });
  const handled = handle(batch);
  setTimeout(() => stopping.abort(), 500);
  await expect(handled).rejects.toBe(full);
});
