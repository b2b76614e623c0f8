import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Durability, Environment } from './environment.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'milonga-environment-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const key = Buffer.from('key');

describe.each(['process-crash', 'power-loss'] satisfies readonly Durability[])('%s', (durability) => {
  test('what was written is there after it was closed and opened again', async () => {
    for (let i = 1; i <= 5; i += 1) {
      const environment = await Environment.open(dir, 'file', durability, 'MILONGA_OFFLINE_STORE_UNAVAILABLE');
      const database = environment.database('values');
      expect(database.getBinary(key)?.toString() ?? '0').toBe(String(i - 1));
      await environment.write(() => environment.put(database, key, Buffer.from(String(i))));
      await environment.close();
      await environment.close();
    }
  });

  test('handles on one file share it; the last to close closes it', async () => {
    const [one, other] = [
      await Environment.open(dir, 'file', durability, 'MILONGA_OFFLINE_STORE_UNAVAILABLE'),
      await Environment.open(dir, 'file', durability, 'MILONGA_OFFLINE_STORE_UNAVAILABLE'),
    ];
    await one.write(() => one.put(one.database('values'), key, Buffer.from('shared')));
    expect(one.shared('thing', () => 1)).toBe(1);
    expect(other.shared('thing', () => 2)).toBe(1);
    await one.close();
    expect(other.database('values').getBinary(key)?.toString()).toBe('shared');
    const reopening = [
      other.close(),
      Environment.open(dir, 'file', durability, 'MILONGA_OFFLINE_STORE_UNAVAILABLE'),
    ] as const;
    const again = await reopening[1];
    expect(again.database('values').getBinary(key)?.toString()).toBe('shared');
    await again.close();
  });

  test('a throw undoes all of its transaction and comes to the caller', async () => {
    const environment = await Environment.open(dir, 'file', durability, 'MILONGA_OFFLINE_STORE_UNAVAILABLE');
    const database = environment.database('values');
    const failing = environment.write(() => {
      environment.put(database, key, Buffer.from('half'));
      throw new Error('in the middle');
    });
    await expect(failing).rejects.toThrow('in the middle');
    expect(database.getBinary(key)).toBeUndefined();
    await environment.write(() => environment.put(database, key, Buffer.from('whole')));
    expect(database.getBinary(key)?.toString()).toBe('whole');
    await environment.close();
  });

  test('many writes at once are all there', async () => {
    const environment = await Environment.open(dir, 'file', durability, 'MILONGA_OFFLINE_STORE_UNAVAILABLE');
    const database = environment.database('values');
    await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        environment.write(() => {
          const before = Number(database.getBinary(key)?.toString() ?? '0');
          environment.put(database, key, Buffer.from(String(before + 1)));
          environment.put(database, Buffer.from(`n${i}`), Buffer.from('x'));
        }),
      ),
    );
    expect(database.getBinary(key)?.toString()).toBe('200');
    await environment.close();
  });
});

test('a directory that was written with one durability can be opened with the other', async () => {
  for (const durability of ['process-crash', 'power-loss', 'process-crash'] satisfies readonly Durability[]) {
    const environment = await Environment.open(dir, 'file', durability, 'MILONGA_OFFLINE_STORE_UNAVAILABLE');
    const database = environment.database('values');
    const before = Number(database.getBinary(key)?.toString() ?? '0');
    await environment.write(() => environment.put(database, key, Buffer.from(String(before + 1))));
    await environment.close();
  }
  const environment = await Environment.open(dir, 'file', 'process-crash', 'MILONGA_OFFLINE_STORE_UNAVAILABLE');
  expect(environment.database('values').getBinary(key)?.toString()).toBe('3');
  await environment.close();
});

test.each([
  ['another file', (path: string) => writeFileSync(path, Buffer.alloc(64 * 1024, 'no store '))],
  ['a short one', (path: string) => writeFileSync(path, 'short')],
  ['one that was cut off', (path: string) => truncateSync(path, 12_288)],
  [
    'one whose second page is lost',
    (path: string) => {
      const bytes = readFileSync(path);
      writeFileSync(path, bytes.fill(0, 4_096, 8_192));
    },
  ],
])('%s in the place of the data is MILONGA_STORAGE_CORRUPT, and named', async (_, spoil) => {
  const environment = await Environment.open(dir, 'file', 'process-crash', 'MILONGA_OFFLINE_STORE_UNAVAILABLE');
  await environment.write(() => {
    for (let i = 0; i < 50; i += 1)
      environment.put(environment.database('values'), Buffer.from(String(i)), Buffer.alloc(1_000));
  });
  await environment.close();
  spoil(join(dir, 'file.mdb'));
  await expect(
    Environment.open(dir, 'file', 'process-crash', 'MILONGA_OFFLINE_STORE_UNAVAILABLE'),
  ).rejects.toMatchObject({
    code: 'MILONGA_STORAGE_CORRUPT',
    message: expect.stringContaining('file.mdb'),
  });
});

test('a stronger durability is not granted beside a weaker one that is open', async () => {
  const weak = await Environment.open(dir, 'file', 'process-crash', 'MILONGA_OFFLINE_STORE_UNAVAILABLE');
  const strong = Environment.open(dir, 'file', 'power-loss', 'MILONGA_OFFLINE_STORE_UNAVAILABLE');
  await expect(strong).rejects.toMatchObject({ code: 'MILONGA_STORAGE_INCOMPATIBLE' });
  await weak.close();
});

test('what the system refuses has the code that the store was given, with its path', async () => {
  writeFileSync(join(dir, 'a file'), '');
  await expect(
    Environment.open(join(dir, 'a file', 'inside'), 'file', 'process-crash', 'MILONGA_ONLINE_STORE_UNAVAILABLE'),
  ).rejects.toMatchObject({
    code: 'MILONGA_ONLINE_STORE_UNAVAILABLE',
    isRetryable: true,
    message: expect.stringContaining('a file'),
  });
});
