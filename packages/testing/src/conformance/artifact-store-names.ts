import { expect, test } from 'vitest';
import type { ArtifactStoreSubject } from './artifact-store-subject.ts';
import { bytes, expectCode, fresh, text } from './expectations.ts';

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

export function testNames({ one }: ArtifactStoreSubject): void {
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
