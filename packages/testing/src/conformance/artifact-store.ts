import type { ArtifactInfo, ArtifactStore } from '@milonga/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { abortedSignal, bytes, expectCode, fresh, random, text } from './expectations.ts';

/** What {@link testArtifactStore} needs to know of a store. */
export interface ArtifactStoreConformance {
  /** A store. It may hold other artifacts; the suite uses folders of its own. */
  readonly create: () => ArtifactStore | Promise<ArtifactStore>;
  /** Another client of the same artifacts, as a second process has it. Default: the first one again. */
  readonly another?: () => ArtifactStore | Promise<ArtifactStore>;
  readonly close: (store: ArtifactStore) => void | Promise<void>;
}

/** What the parts of the suite share. */
interface Subject {
  readonly one: () => ArtifactStore;
  readonly other: () => ArtifactStore;
}

/**
 * Checks every sentence of the `ArtifactStore` contract; that a crash leaves nothing torn needs a process to kill.
 *
 * @example
 * ```ts
 * testArtifactStore('memory', { create: () => new MemoryArtifactStore(), close: (store) => store.close() });
 * ```
 */
export function testArtifactStore(name: string, options: ArtifactStoreConformance): void {
  describe(`${name} conforms to ArtifactStore`, () => {
    let one: ArtifactStore;
    let other: ArtifactStore;
    beforeAll(async () => {
      one = await options.create();
      other = (await options.another?.()) ?? one;
    });
    afterAll(async () => {
      if (other !== one) await options.close(other);
      await options.close(one);
    });
    const subject: Subject = { one: () => one, other: () => other };
    describe('names', () => testNames(subject));
    describe('putIfAbsent and get', () => testObjects(subject));
    describe('list', () => testLists(subject));
    describe('remove', () => testRemoval(subject));
    describe('calls', () => testCalls(subject, options));
  });
}

async function listed(store: ArtifactStore, prefix: string): Promise<readonly ArtifactInfo[]> {
  const all: ArtifactInfo[] = [];
  for await (const info of store.list(prefix)) all.push(info);
  return all;
}

const invalid = [
  '',
  '/',
  '/a',
  'a/',
  'a//b',
  '.',
  '..',
  '../a',
  'a/..',
  'a/../b',
  './a',
  'a/.',
  'a b',
  'ä',
  'a\\b',
  'a\0b',
  'a\nb',
  'C:a',
  '~temporary',
  '%2e%2e',
  'x'.repeat(201),
  `${'x/'.repeat(500)}y`,
];

function testNames({ one }: Subject): void {
  test.each(invalid.map((name) => [name.length > 30 ? `${name.slice(0, 30)}… (${name.length})` : name, name]))(
    'refuses %j everywhere',
    async (_, name) => {
      await expectCode(one().putIfAbsent(name, bytes('x')), 'MILONGA_ARTIFACT_NAME_INVALID');
      await expectCode(one().get(name), 'MILONGA_ARTIFACT_NAME_INVALID');
      await expectCode(one().remove(name), 'MILONGA_ARTIFACT_NAME_INVALID');
    },
  );

  test('takes every character that a name may have, dots at the beginning, and long names', async () => {
    const folder = fresh('names');
    for (const name of [
      'A-z_0.9=',
      '.hidden',
      '..double',
      'a..b',
      '...',
      '-',
      '=',
      'x'.repeat(200),
      `${'d/'.repeat(100)}e`,
    ]) {
      expect(await one().putIfAbsent(`${folder}/${name}`, bytes(name))).toBe(true);
      expect(text(await one().get(`${folder}/${name}`))).toBe(name);
    }
  });

  test('a name is never the folder of another', async () => {
    const folder = fresh('folders');
    await one().putIfAbsent(`${folder}/a`, bytes('1'));
    await expectCode(one().putIfAbsent(`${folder}/a/b`, bytes('2')), 'MILONGA_ARTIFACT_NAME_INVALID');
    await expectCode(one().putIfAbsent(`${folder}/a/b/c`, bytes('2')), 'MILONGA_ARTIFACT_NAME_INVALID');
    await expectCode(one().putIfAbsent(folder, bytes('3')), 'MILONGA_ARTIFACT_NAME_INVALID');
    expect(await one().get(`${folder}/a/b`)).toBeUndefined();
    expect(await one().get(folder)).toBeUndefined();
    await one().remove(folder);
    await one().remove(`${folder}/a/b`);
    expect(text(await one().get(`${folder}/a`))).toBe('1');
  });
}

function testObjects({ one, other }: Subject): void {
  test('an object is what was put, for everyone', async () => {
    const name = `${fresh('object')}/model=1/weights.bin`;
    const value = Uint8Array.from({ length: 70_000 }, (_, i) => i * 7);
    expect(await one().putIfAbsent(name, value)).toBe(true);
    for (const store of [one(), other()]) expect(Buffer.compare((await store.get(name))!, value)).toBe(0);
  });

  test('an empty object is an object', async () => {
    const name = fresh('empty');
    expect(await one().putIfAbsent(name, new Uint8Array())).toBe(true);
    expect((await other().get(name))?.length).toBe(0);
    expect(await listed(one(), name)).toEqual([{ name, bytes: 0 }]);
  });

  test('absent is undefined', async () => {
    expect(await one().get(fresh('absent'))).toBeUndefined();
    expect(await one().get(`${fresh('absent')}/x/y`)).toBeUndefined();
  });

  test('it does not keep the array it is given, and gives out arrays of its own', async () => {
    const name = fresh('own');
    const value = bytes('before');
    await one().putIfAbsent(name, value);
    value.fill(0);
    (await one().get(name))!.fill(1);
    expect(text(await one().get(name))).toBe('before');
  });

  test('takes a view into a larger buffer for what it shows', async () => {
    const name = fresh('view');
    await one().putIfAbsent(name, bytes('a larger buffer').subarray(2, 8));
    expect(text(await one().get(name))).toBe('larger');
  });

  test('the second put is false and changes nothing', async () => {
    const name = fresh('second');
    expect(await one().putIfAbsent(name, bytes('first'))).toBe(true);
    expect(await one().putIfAbsent(name, bytes('second, and longer'))).toBe(false);
    expect(await other().putIfAbsent(name, bytes(''))).toBe(false);
    expect(text(await other().get(name))).toBe('first');
  });

  test('of 200 that race one wins, and its bytes stay', async () => {
    const name = `${fresh('race')}/new/folder`;
    const value = (i: number): Uint8Array => new Uint8Array(2_000 + i).fill(i);
    const wins = await Promise.all(
      Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? one() : other()).putIfAbsent(name, value(i))),
    );
    expect(wins.filter((isFirst) => isFirst).length).toBe(1);
    expect(Buffer.compare((await one().get(name))!, value(wins.indexOf(true)))).toBe(0);
  });

  test('a reader sees all the bytes or nothing', async () => {
    const folder = fresh('whole');
    const size = 3_000_000;
    const writer = Promise.all(
      Array.from({ length: 8 }, (_, i) => one().putIfAbsent(`${folder}/${i}`, new Uint8Array(size).fill(7))),
    );
    let isWriting = true;
    void writer.then(() => {
      isWriting = false;
    });
    for (let i = 0; isWriting; i += 1) {
      const found = await other().get(`${folder}/${i % 8}`);
      if (found !== undefined) expect(found.length === size && found[size - 1] === 7).toBe(true);
      for (const info of await listed(other(), folder)) expect(info.bytes).toBe(size);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await writer;
  });

  test('a range is clipped to the object', async () => {
    const name = fresh('range');
    await one().putIfAbsent(name, bytes('0123456789'));
    const ranges: readonly (readonly [number, number, string])[] = [
      [0, 10, '0123456789'],
      [2, 5, '234'],
      [9, 10, '9'],
      [4, 4, ''],
      [8, 1_000, '89'],
      [10, 20, ''],
      [50, 60, ''],
      [-5, 3, '012'],
      [5, 2, ''],
      [0, Infinity, '0123456789'],
    ];
    for (const [start, end, expected] of ranges)
      expect(text(await one().get(name, { range: { start, end } }))).toBe(expected);
    expect(await one().get(fresh('absent'), { range: { start: 0, end: 1 } })).toBeUndefined();
  });

  test('ranges of a large object', async () => {
    const name = fresh('large');
    const size = 20_000_003;
    const value = new Uint8Array(size);
    for (let i = 0; i < size; i += 1) value[i] = (i * 31) >>> 8;
    await one().putIfAbsent(name, value);
    const next = random(5);
    for (let i = 0; i < 5; i += 1) {
      const start = Math.floor(next() * size);
      const end = start + Math.floor(next() * 1_000_000);
      const part = (await other().get(name, { range: { start, end } }))!;
      expect(Buffer.compare(part, value.subarray(start, end))).toBe(0);
    }
    expect(Buffer.compare((await other().get(name))!, value)).toBe(0);
    await one().remove(name);
  });
}

function testLists({ one, other }: Subject): void {
  test('names that begin with the prefix, in byte order, with their sizes', async () => {
    const folder = fresh('list');
    const names = [
      'b',
      'a/b',
      'a-b',
      'a.b',
      'a0',
      'a/b-c',
      'a/A',
      'a/z/1',
      'a/z/10',
      'a/z/2',
      'a/z.',
      'Z',
      '_',
      '=',
      '.x',
      'ab/c',
      'a=1/b',
    ];
    for (const [i, name] of names.entries()) await one().putIfAbsent(`${folder}/${name}`, new Uint8Array(i));
    const expected = names
      .map((name, i) => ({ name: `${folder}/${name}`, bytes: i }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const prefix of ['/', '/a', '/a/', '/a/z', '/a/z/', '/a/z/1', '/a-', '/zz', '/a/z/1/', '/.'].map(
      (end) => folder + end,
    )) {
      expect(await listed(other(), prefix), prefix).toEqual(expected.filter(({ name }) => name.startsWith(prefix)));
    }
  });

  test('the empty prefix gives everything; a prefix that no name can have gives nothing', async () => {
    const name = fresh('everything');
    await one().putIfAbsent(name, bytes('1'));
    const all = (await listed(one(), '')).map((info) => info.name);
    expect(all).toContain(name);
    expect(all).toEqual([...all].sort());
    for (const prefix of ['..', '../', '/', '/etc', `${name}/`, 'ä', '~temporary'])
      expect(await listed(one(), prefix)).toEqual([]);
  });

  test('thousands of names, while others come and go', async () => {
    const folder = fresh('many');
    const stay = Array.from({ length: 600 }, (_, i) => `${folder}/${i % 20}/${i}`);
    await Promise.all(stay.map((name) => one().putIfAbsent(name, bytes('1'))));
    const changes = (async () => {
      for (let i = 0; i < 200; i += 1) {
        await one().putIfAbsent(`${folder}/new/${i}`, bytes('1'));
        await one().remove(`${folder}/new/${i}`);
      }
    })();
    for (let i = 0; i < 3; i += 1) {
      const names = (await listed(other(), `${folder}/`))
        .map(({ name }) => name)
        .filter((name) => !name.startsWith(`${folder}/new/`));
      expect(names).toEqual([...stay].sort());
    }
    await changes;
  });

  test('a reader may leave early', async () => {
    const folder = fresh('early');
    for (const name of ['a', 'b', 'c']) await one().putIfAbsent(`${folder}/${name}`, bytes('1'));
    for await (const { name } of one().list(`${folder}/`)) {
      expect(name).toBe(`${folder}/a`);
      break;
    }
  });
}

function testRemoval({ one, other }: Subject): void {
  test('a removed object is gone, and its name is free', async () => {
    const name = `${fresh('removed')}/a/b`;
    await one().putIfAbsent(name, bytes('1'));
    await other().remove(name);
    expect(await one().get(name)).toBeUndefined();
    expect(await listed(one(), name)).toEqual([]);
    expect(await one().putIfAbsent(name, bytes('2'))).toBe(true);
    expect(text(await other().get(name))).toBe('2');
  });

  test('removing what is absent does nothing; neighbours stay', async () => {
    const folder = fresh('neighbours');
    for (const name of ['a/1', 'a/2', 'b']) await one().putIfAbsent(`${folder}/${name}`, bytes(name));
    for (const name of ['a', 'a/1', 'a/1', 'a/3', 'c/d/e']) await one().remove(`${folder}/${name}`);
    expect((await listed(one(), `${folder}/`)).map(({ name }) => name)).toEqual([`${folder}/a/2`, `${folder}/b`]);
  });

  test('puts and removals of one folder that race lose nothing', async () => {
    const folder = fresh('busy');
    await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        const name = `${folder}/deep/er/${i}`;
        expect(await (i % 2 === 0 ? one() : other()).putIfAbsent(name, bytes(String(i)))).toBe(true);
        if (i % 4 < 2) await one().remove(name);
      }),
    );
    expect((await listed(one(), `${folder}/`)).length).toBe(20);
  });
}

function testCalls({ one }: Subject, options: ArtifactStoreConformance): void {
  test('cancelling rejects with MILONGA_ABORTED, and nothing happens', async () => {
    const name = fresh('cancelled');
    const signal = abortedSignal();
    await expectCode(one().putIfAbsent(name, bytes('1'), { signal }), 'MILONGA_ABORTED');
    await expectCode(one().get(name, { signal }), 'MILONGA_ABORTED');
    await expectCode(first(one().list(name, { signal })), 'MILONGA_ABORTED');
    expect(await one().get(name)).toBeUndefined();
  });

  test('a list that is cancelled ends with MILONGA_ABORTED', async () => {
    const folder = fresh('cancelled-list');
    for (const name of ['a', 'b', 'c']) await one().putIfAbsent(`${folder}/${name}`, bytes('1'));
    const controller = new AbortController();
    const reader = one().list(`${folder}/`, { signal: controller.signal })[Symbol.asyncIterator]();
    await reader.next();
    controller.abort();
    await expectCode(reader.next(), 'MILONGA_ABORTED');
  });

  test('after close every call rejects with MILONGA_CLOSED', async () => {
    const closing = await (options.another ?? options.create)();
    const name = fresh('closed');
    await options.close(closing);
    await expectCode(closing.putIfAbsent(name, bytes('1')), 'MILONGA_CLOSED');
    await expectCode(closing.get(name), 'MILONGA_CLOSED');
    await expectCode(first(closing.list(name)), 'MILONGA_CLOSED');
    await expectCode(closing.remove(name), 'MILONGA_CLOSED');
  });
}

async function first<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item;
  return undefined;
}
