import { expect, test } from 'vitest';
import { type ArtifactStoreSubject, listed } from './artifact-store-subject.ts';
import { bytes, fresh } from './expectations.ts';

export function testLists({ one, other }: ArtifactStoreSubject): void {
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
