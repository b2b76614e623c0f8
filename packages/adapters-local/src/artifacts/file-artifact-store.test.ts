import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MilongaError } from '@milonga/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Child, startChild } from '../../test-support/child.ts';
import { TEMPORARY } from '../files/publish-file.ts';
import { FileArtifactStore } from './file-artifact-store.ts';

let dir: string;
let store: FileArtifactStore;
const children: Child[] = [];
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'milonga-artifacts-'));
  store = await FileArtifactStore.open({ dir: join(dir, 'store') });
});
afterEach(async () => {
  store.close();
  for (const child of children.splice(0)) {
    child.process.kill('SIGKILL');
    await child.ended;
  }
  rmSync(dir, { recursive: true, force: true });
});

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (error: MilongaError) => error.code,
  );

test('an artifact is a file of its name, and nothing else is left', async () => {
  await store.putIfAbsent('model=a/1/weights.bin', bytes('weights'));
  await store.putIfAbsent('model=a/1/weights.bin', bytes('others'));
  expect(statSync(join(dir, 'store/model=a/1/weights.bin')).size).toBe(7);
  expect(readdirSync(join(dir, 'store', TEMPORARY))).toEqual([]);
  await store.remove('model=a/1/weights.bin');
  expect(readdirSync(join(dir, 'store'))).toEqual([TEMPORARY]);
});

test.skipIf(process.platform === 'win32')('symbolic links lead nowhere', async () => {
  mkdirSync(join(dir, 'outside'));
  writeFileSync(join(dir, 'outside/secret'), 'secret');
  symlinkSync(join(dir, 'outside'), join(dir, 'store/folder'));
  symlinkSync(join(dir, 'outside/secret'), join(dir, 'store/file'));
  expect(await codeOf(store.get('folder/secret'))).toBe('MILONGA_STORAGE_CORRUPT');
  expect(await codeOf(store.putIfAbsent('folder/new', bytes('x')))).toBe('MILONGA_STORAGE_CORRUPT');
  expect(await codeOf(store.remove('folder/secret'))).toBe('MILONGA_STORAGE_CORRUPT');
  expect(await codeOf(store.get('file'))).toBe('MILONGA_STORAGE_CORRUPT');
  expect(await store.putIfAbsent('file', bytes('x'))).toBe(false);
  await store.remove('file');
  const names: string[] = [];
  for await (const { name } of store.list('')) names.push(name);
  expect(names).toEqual([]);
  expect(readdirSync(join(dir, 'outside'))).toEqual(['secret']);
});

test('files with other names are not artifacts', async () => {
  writeFileSync(join(dir, 'store/with space'), 'x');
  mkdirSync(join(dir, 'store/ümlaut'));
  writeFileSync(join(dir, 'store/ümlaut/a'), 'x');
  await store.putIfAbsent('a', bytes('1'));
  const names: string[] = [];
  for await (const { name } of store.list('')) names.push(name);
  expect(names).toEqual(['a']);
});

test('what crashed processes left is swept at the next start, what living ones write is not', async () => {
  const old = new Date(Date.now() - 2 * 24 * 3_600_000);
  const temporary = (name: string): string => join(dir, 'store', TEMPORARY, name);
  const dead = 2 ** 22 + 1; // above what systems give
  for (const name of [`${dead}-old`, `${dead}-new`, `${process.pid}-old`]) writeFileSync(temporary(name), 'x');
  mkdirSync(temporary(`spill-${dead}-old`));
  writeFileSync(join(temporary(`spill-${dead}-old`), 'x'), 'x');
  for (const name of [`${dead}-old`, `${process.pid}-old`, `spill-${dead}-old`]) utimesSync(temporary(name), old, old);
  (await FileArtifactStore.open({ dir: join(dir, 'store') })).close();
  expect(readdirSync(join(dir, 'store', TEMPORARY)).sort()).toEqual([`${dead}-new`, `${process.pid}-old`].sort());
});

test('a directory that cannot be made is an error in words', async () => {
  writeFileSync(join(dir, 'file'), 'x');
  expect(await codeOf(FileArtifactStore.open({ dir: join(dir, 'file/below') }))).toBe(
    'MILONGA_ARTIFACT_STORE_UNAVAILABLE',
  );
  expect(existsSync(join(dir, 'file/below'))).toBe(false);
});

test('of 200 calls in four processes that race for a name one wins, and its bytes stay whole', async () => {
  for (const name of ['a', 'b', 'c', 'd']) children.push(startChild('artifact-racer', [join(dir, 'store'), name]));
  await Promise.all(children.map((child) => child.line('ready')));
  for (const child of children) child.process.stdin?.write('go\n');
  for (const child of children) expect(await child.ended, child.complaint()).toBe(0);
  for (let i = 0; i < 20; i += 1) {
    const found = Buffer.from((await store.get(`race/${i}`))!).toString();
    const winner = children.findIndex(({ lines }) => lines.includes(`won ${i} 1`));
    expect(children.filter(({ lines }) => lines.includes(`won ${i} 0`)).length).toBe(3);
    expect(found).toBe(`${'abcd'[winner]} `.repeat(5_000));
  }
}, 60_000);
