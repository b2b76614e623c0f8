import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testClock } from '@milonga/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Environment } from '../environment/environment.ts';
import { MAX_KEY_BYTES } from '../environment/keys.ts';
import { LmdbOfflineStore } from './lmdb-offline-store.ts';

const clock = testClock({ now: Date.UTC(2020, 0, 1) });
const bytes = (text: string): Uint8Array => Buffer.from(text);
const cell = (family: string, value: string, at = clock.now()) => ({
  family,
  qualifier: bytes('q'),
  value: bytes(value),
  at,
});
const TABLE = { name: 'rows', families: { kept: { reason: 'a test' }, brief: { ttlMs: 1_000 } } };
let dir: string;
let store: LmdbOfflineStore;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'milonga-offline-'));
  store = await LmdbOfflineStore.open(dir, clock, 'process-crash');
  await store.ensureTables([TABLE]);
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

test('a mutation that cannot be applied fails alone, with its reason', async () => {
  const outcomes = await store.mutateRows('rows', [
    { key: bytes('good'), set: [cell('kept', '1')] },
    { key: bytes('family'), set: [cell('kept', '1'), cell('unknown', '1')] },
    { key: new Uint8Array(), set: [cell('kept', '1')] },
    { key: new Uint8Array(MAX_KEY_BYTES + 1), set: [cell('kept', '1')] },
    { key: bytes('time'), set: [cell('kept', '1', Number.NaN)] },
    { key: bytes('qualifier'), set: [{ ...cell('kept', '1'), qualifier: new Uint8Array(70_000) }] },
    { key: bytes('also good'), set: [cell('kept', '2')] },
  ]);
  expect(
    outcomes.map((outcome) =>
      outcome.status === 'failed' ? (outcome.error as { code?: string }).code : outcome.status,
    ),
  ).toEqual([
    'applied',
    'MILONGA_DEFINITION_INVALID',
    'MILONGA_KEY_INVALID',
    'MILONGA_KEY_INVALID',
    'MILONGA_DEFINITION_INVALID',
    'MILONGA_KEY_INVALID',
    'applied',
  ]);
  const rows = await store.readRows('rows', ['good', 'family', 'time', 'qualifier', 'also good'].map(bytes));
  expect(rows.map((row) => row?.cells.length)).toEqual([1, undefined, undefined, undefined, 1]);
  await expect(store.readRows('rows', [bytes('good')], { families: ['unknown'] })).rejects.toMatchObject({
    code: 'MILONGA_DEFINITION_INVALID',
    message: expect.stringContaining('it has brief, kept'),
  });
});

test('a row that is corrupt is MILONGA_STORAGE_CORRUPT to its readers and writers; other rows are not touched', async () => {
  await store.mutateRows('rows', [
    { key: bytes('bad'), set: [cell('kept', 'value')] },
    { key: bytes('good'), set: [cell('kept', 'value')] },
  ]);
  const environment = await Environment.open(dir, 'offline', 'process-crash', 'MILONGA_OFFLINE_STORE_UNAVAILABLE');
  const rows = environment.database('table/rows');
  for (const spoil of [
    (row: Buffer) => row.subarray(0, row.length - 1),
    (row: Buffer) => row.subarray(0, 10),
    (row: Buffer) => row.fill(9, 0, 1),
    () => Buffer.alloc(0),
  ]) {
    const intact = rows.getBinary(bytes('good'))!;
    await environment.write(() => environment.put(rows, bytes('bad'), spoil(Buffer.from(intact))));
    await expect(store.readRows('rows', [bytes('bad')])).rejects.toMatchObject({ code: 'MILONGA_STORAGE_CORRUPT' });
    const outcomes = await store.mutateRows(
      'rows',
      ['bad', 'good'].map((key) => ({ key: bytes(key), set: [cell('brief', '2')] })),
    );
    expect(outcomes).toMatchObject([
      { status: 'failed', error: { code: 'MILONGA_STORAGE_CORRUPT' } },
      { status: 'applied' },
    ]);
  }
  expect(await store.mutateRows('rows', [{ key: bytes('bad'), deleteRow: true }])).toEqual([{ status: 'applied' }]);
  expect(await store.readRows('rows', [bytes('bad')])).toEqual([undefined]);
  await environment.close();
});

test('a store that is opened again has the tables that are ensured again, with what was in them', async () => {
  await store.mutateRows('rows', [{ key: bytes('a'), set: [cell('kept', '1')] }]);
  await store.close();
  store = await LmdbOfflineStore.open(dir, clock, 'process-crash');
  await expect(store.readRows('rows', [bytes('a')])).rejects.toMatchObject({ code: 'MILONGA_DEFINITION_INVALID' });
  await store.ensureTables([{ name: 'rows', families: { also: { reason: 'a test' }, ...TABLE.families } }]);
  await store.mutateRows('rows', [{ key: bytes('a'), set: [cell('also', '2'), cell('brief', '3')] }]);
  const [row] = await store.readRows('rows', [bytes('a')]);
  expect(row?.cells.map(({ family }) => family)).toEqual(['also', 'brief', 'kept']);
});

test('what has expired leaves the file, in the background, whatever is corrupt on the way', async () => {
  const environment = await Environment.open(dir, 'offline', 'process-crash', 'MILONGA_OFFLINE_STORE_UNAVAILABLE');
  const rows = environment.database('table/rows');
  await environment.write(() => environment.put(rows, bytes('a corrupt row'), Buffer.alloc(30, 9)));
  const keys = Array.from({ length: 500 }, (_, i) => `row-${i}`);
  await store.mutateRows(
    'rows',
    keys.map((key, i) => ({
      key: bytes(key),
      set: [cell('brief', 'x'.repeat(100)), ...(i % 2 === 0 ? [cell('kept', 'y')] : [])],
    })),
  );
  await clock.advanceBy(1_000);
  await expect.poll(() => rows.getKeysCount({}), { timeout: 5_000 }).toBe(251);
  await expect
    .poll(() => Math.max(...[...rows.getRange({})].map(({ value }) => value.length)), { timeout: 5_000 })
    .toBeLessThan(50);
  expect((await store.readRows('rows', [bytes('row-0'), bytes('row-1')])).map((row) => row?.cells.length)).toEqual([
    1,
    undefined,
  ]);
  await environment.close();
});

test('a large batch holds the event loop for moments only, read and written', async () => {
  const mutations = Array.from({ length: 20_000 }, (_, i) => ({
    key: bytes(`row-${(i * 7_919) % 20_000}`),
    set: [cell('kept', 'x'.repeat(80))],
  }));
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 1);
  await new Promise((resolve) => setTimeout(resolve, 5));
  longest = 0;
  const startedAt = performance.now();
  await store.mutateRows('rows', mutations);
  const rows = await store.readRows(
    'rows',
    mutations.map(({ key }) => key),
  );
  const took = performance.now() - startedAt;
  clearInterval(timer);
  expect(rows.every((row) => row?.cells.length === 1)).toBe(true);
  // Other processes may hold this one up; alone it is below 10 ms.
  expect(longest).toBeLessThan(Math.max(60, took / 2));
});
