import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testClock } from '@milonga/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Environment } from '../environment/environment.ts';
import { MAX_KEY_BYTES } from '../environment/keys.ts';
import { LmdbOnlineStore } from './lmdb-online-store.ts';

const clock = testClock({ now: Date.UTC(2020, 0, 1) });
const bytes = (text: string): Uint8Array => Buffer.from(text);
const forever = { forever: 'a test' };
let dir: string;
let store: LmdbOnlineStore;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'milonga-online-'));
  store = await LmdbOnlineStore.open(dir, clock, 'process-crash');
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

test('what cannot be stored is refused with its reason, and nothing of the batch is written', async () => {
  const good = { key: 'good', columns: { x: bytes('1') }, timeToLive: forever };
  for (const [bad, code] of [
    [{ ...good, key: '' }, 'MILONGA_KEY_INVALID'],
    [{ ...good, key: 'x'.repeat(MAX_KEY_BYTES + 1) }, 'MILONGA_KEY_INVALID'],
    [{ ...good, columns: { '': bytes('1') } }, 'MILONGA_KEY_INVALID'],
    [{ ...good, columns: { ['c'.repeat(500)]: bytes('1') } }, 'MILONGA_KEY_INVALID'],
    [{ ...good, timeToLive: { ttlMs: Number.NaN } }, 'MILONGA_DEFINITION_INVALID'],
    [{ ...good, timeToLive: { ttlMs: -1 } }, 'MILONGA_DEFINITION_INVALID'],
  ] as const) {
    await expect(store.writeRows([good, bad])).rejects.toMatchObject({ code });
  }
  for (const maxLength of [0, 1.5, Number.NaN]) {
    const list = { key: 'list', values: [], maxLength, timeToLive: forever };
    await expect(store.appendLists([list])).rejects.toMatchObject({ code: 'MILONGA_DEFINITION_INVALID' });
  }
  expect(await store.readRows(['good'], ['x'])).toEqual([undefined]);
});

test('rows and lists are there after the store was opened again, columns under their names', async () => {
  await store.writeRows([{ key: 'a', columns: { y: bytes('2'), x: bytes('1') }, timeToLive: forever }]);
  await store.appendLists([{ key: 'a', values: [bytes('1')], maxLength: 2, timeToLive: forever }]);
  await store.close();
  store = await LmdbOnlineStore.open(dir, clock, 'process-crash');
  await store.writeRows([{ key: 'a', columns: { z: bytes('3') }, timeToLive: forever }]);
  const [row] = await store.readRows(['a'], ['x', 'y', 'z', 'never']);
  expect(row?.map((value) => value && Buffer.from(value).toString())).toEqual(['1', '2', '3', undefined]);
  expect((await store.readLists(['a'], { limit: 5 }))[0]?.length).toBe(1);
});

test('rows and lists that are corrupt are MILONGA_STORAGE_CORRUPT, and can be deleted', async () => {
  await store.writeRows([{ key: 'a', columns: { x: bytes('value') }, timeToLive: forever }]);
  await store.appendLists([{ key: 'a', values: [bytes('value')], maxLength: 2, timeToLive: forever }]);
  const environment = await Environment.open(dir, 'online', 'process-crash', 'MILONGA_ONLINE_STORE_UNAVAILABLE');
  for (const name of ['rows', 'lists']) {
    const database = environment.databaseByName(name);
    const value = database.getBinary('a')!;
    for (const spoiled of [
      value.subarray(0, value.length - 1),
      value.subarray(0, 5),
      Buffer.from(value).fill(9, 0, 1),
    ]) {
      await environment.write(() => environment.put(database, 'a', Buffer.from(spoiled)));
      const reading = name === 'rows' ? store.readRows(['a'], ['x']) : store.readLists(['a'], { limit: 1 });
      await expect(reading).rejects.toMatchObject({ code: 'MILONGA_STORAGE_CORRUPT' });
    }
  }
  await store.deleteRows(['a']);
  expect(await store.readRows(['a'], ['x'])).toEqual([undefined]);
  await environment.close();
});

test('what has expired leaves the file, in the background', async () => {
  const keys = Array.from({ length: 1_000 }, (_, i) => `row-${i}`);
  await store.writeRows(
    keys.map((key, i) => ({ key, columns: { x: bytes('1') }, timeToLive: i % 4 === 0 ? forever : { ttlMs: 1_000 } })),
  );
  await store.appendLists(
    keys.map((key) => ({ key, values: [bytes('1')], maxLength: 1, timeToLive: { ttlMs: 1_000 } })),
  );
  await clock.advanceBy(1_000);
  const environment = await Environment.open(dir, 'online', 'process-crash', 'MILONGA_ONLINE_STORE_UNAVAILABLE');
  const count = (name: string): number => environment.databaseByName(name).getKeysCount({ start: '\0' });
  await expect.poll(() => [count('rows'), count('lists')], { timeout: 5_000 }).toEqual([250, 0]);
  expect((await store.readRows(['row-4', 'row-5'], ['x'])).map((row) => row !== undefined)).toEqual([true, false]);
  await environment.close();
});
