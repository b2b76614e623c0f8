import { expect, test } from 'vitest';
import type { Check } from './check.ts';
import { installedPackages } from './installed-packages.ts';
import { plantFiles } from './planted-repository.ts';
import { publint } from './publint.ts';
import { publishedTypes } from './published-types.ts';

const core = {
  name: '@milonga/core',
  version: '0.1.0',
  description: 'Planted.',
  license: 'Apache-2.0',
  type: 'module',
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
};
const only = {
  'package.json': { name: 'planted', private: true, workspaces: ['packages/core'] },
  'packages/core/package.json': core,
  'packages/core/dist/index.js': 'export const answer = 42;\n',
  'packages/core/dist/index.d.ts': 'export declare const answer: number;\n',
};

const problemsOf = async (check: Check, files: Readonly<Record<string, string | object>>): Promise<string> =>
  (await check.run(plantFiles({ ...only, ...files }))).problems.join('\n');

test('a sound package passes', async () => {
  expect(await problemsOf(publint, {})).toBe('');
  expect(await problemsOf(publishedTypes, {})).toBe('');
  expect(await problemsOf(installedPackages, {})).toBe('');
});

test('publint finds an export that is not in the tarball', async () => {
  const files = { 'packages/core/package.json': { ...core, files: ['dist/index.js'] } };
  expect(await problemsOf(publint, files)).toContain('dist/index.d.ts');
});

test('published-types finds declarations that are not ESM', async () => {
  const files = { 'packages/core/dist/index.d.ts': `export * from './missing';\n` };
  expect(await problemsOf(publishedTypes, files)).toContain('InternalResolutionError');
});

test('installed-packages finds a package that cannot be imported', async () => {
  const files = { 'packages/core/dist/index.js': `export { answer } from './missing.js';\n` };
  expect(await problemsOf(installedPackages, files)).toContain('cannot be imported');
});

test('installed-packages finds declarations that do not compile', async () => {
  const files = { 'packages/core/dist/index.d.ts': 'export declare const answer: Unheard;\n' };
  expect(await problemsOf(installedPackages, files)).toContain('do not type-check');
});

const readme = (output: string): string =>
  `# Planted\n\n\`\`\`ts first.ts\nimport { answer } from '@milonga/core';\nconsole.log(answer);\n\`\`\`\n\n\`\`\`text\n${output}\n\`\`\`\n`;

test('installed-packages runs the example of the README and compares what it prints', async () => {
  expect(await problemsOf(installedPackages, { 'README.md': readme('42') })).toBe('');
  const wrong = await problemsOf(installedPackages, { 'README.md': readme('41') });
  expect(wrong).toContain('README.md says that first.ts prints\n41\n     but it printed\n42');
});

test('installed-packages finds an example of the README that fails, and one that does not compile', async () => {
  const failing = readme('42').replace('console', "answer.length; throw new Error('spilt milk'); console");
  const problems = await problemsOf(installedPackages, { 'README.md': failing });
  expect(problems).toContain('spilt milk');
  expect(problems).toContain("first.ts(2,8): error TS2339: Property 'length' does not exist on type 'number'");
});
