import { describe, expect, test } from 'vitest';
import type { Check } from './check.ts';
import { fileBudget } from './file-budget.ts';
import { forbiddenWords } from './forbidden-words.ts';
import { packageFiles } from './package-files.ts';
import { plantRepository } from './planted-repository.ts';
import { roomNames } from './room-names.ts';

const problemsOf = async (check: Check, files: Readonly<Record<string, string>>): Promise<readonly string[]> =>
  (await check.run(plantRepository(files))).problems;

describe('file-budget', () => {
  test('allows 400 lines and finds 401', async () => {
    const problems = await problemsOf(fileBudget, {
      'packages/core/src/long.ts': 'a;\n'.repeat(400),
      'packages/core/src/longer.ts': 'a;\n'.repeat(401),
    });
    expect(problems).toEqual([expect.stringContaining('packages/core/src/longer.ts has 401 lines')]);
  });

  test('warns when more than a tenth of the files is long', async () => {
    const { note } = await fileBudget.run(plantRepository({ 'packages/core/src/long.ts': 'a;\n'.repeat(151) }));
    expect(note).toContain('WARNING: 2 files, 50.0 % over 150 lines');
  });
});

describe('room-names', () => {
  test.each(['packages/core/src/utils/a.ts', 'packages/core/src/helpers.ts', 'bench/common/a.ts'])(
    'finds %s',
    async (path) => {
      expect(await problemsOf(roomNames, { [path]: '' })).toHaveLength(1);
    },
  );

  test('finds a name that is not in kebab-case, once', async () => {
    const problems = await problemsOf(roomNames, { 'bench/tileStore/a.ts': '', 'bench/tileStore/b.ts': '' });
    expect(problems).toEqual(['bench/tileStore: write "tileStore" in kebab-case.']);
  });

  test('allows ideas', async () => {
    expect(await problemsOf(roomNames, { 'packages/core/src/frame/row-cursor.test-d.ts': '' })).toEqual([]);
  });
});

describe('forbidden-words', () => {
  test.each([
    ['a path of one machine', `open('${'/'}tmp/a')`],
    ['a working folder', `see ${'/'}work/main`],
    ['a registry', `https:${'/'}/registry.example.org/`],
    ['unfinished work', `// ${'TO'}${'DO'}: later`],
  ])('finds %s', async (_, text) => {
    const problems = await problemsOf(forbiddenWords, { 'docs/page.md': `first line\n${text}\n` });
    expect(problems).toEqual([expect.stringContaining('docs/page.md:2: ')]);
  });

  test('allows paths inside other paths, and what git ignores', async () => {
    const files = {
      '.gitignore': 'ignored/\n',
      'ignored/a.txt': `${'/'}tmp/a`,
      'docs/page.md': 'https://example.org/work/a and ./tmp/b and {folder}/work/c',
    };
    expect(await problemsOf(forbiddenWords, files)).toEqual([]);
  });
});

describe('package-files', () => {
  test('finds missing fields, a missing README and a changed licence', async () => {
    const problems = await problemsOf(packageFiles, { LICENSE: 'Apache', 'packages/core/LICENSE': 'other' });
    expect(problems).toContain('packages/core/package.json: "license" must be "Apache-2.0"; found none.');
    expect(problems).toContain('packages/core has no README.md.');
    expect(problems).toContain('packages/core/LICENSE must be a copy of LICENSE.');
  });

  test('finds packages that are out of step', async () => {
    const manifest = JSON.stringify({ name: '@milonga/trainer', version: '0.2.0' });
    const problems = await problemsOf(packageFiles, { LICENSE: '', 'packages/trainer/package.json': manifest });
    expect(problems).toContain('Packages carry different versions: 0.1.0, 0.2.0; all go in step.');
  });
});
