import { expect, test } from 'vitest';
import { exportsMap } from './exports-map.ts';
import { plantRepository } from './planted-repository.ts';

const core = {
  name: '@milonga/core',
  version: '0.1.0',
  exports: {
    '.': { '@milonga/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
    './package.json': './package.json',
  },
};
const built = {
  'packages/core/package.json': core,
  'packages/core/dist/index.js': `import { a } from './chunk-A.js';`,
  'packages/core/dist/index.js.map': '{}',
  'packages/core/dist/chunk-A.js': 'export const a = 1;',
  'packages/core/dist/index.d.ts': `export { a } from './a-1.js';`,
  'packages/core/dist/a-1.d.ts': 'export declare const a: number;',
};

/** Only what is said of core: the other planted packages are not built. */
const problemsOf = async (files: Readonly<Record<string, string | object>>): Promise<readonly string[]> =>
  (await exportsMap.run(plantRepository(files))).problems.filter((problem) => problem.startsWith('packages/core'));

test('holds when every target is built and every built file is reached', async () => {
  expect(await problemsOf(built)).toEqual([]);
});

test('finds a target that is not built', async () => {
  const { 'packages/core/dist/index.d.ts': _, 'packages/core/dist/a-1.d.ts': __, ...rest } = built;
  expect(await problemsOf(rest)).toEqual([expect.stringContaining('names "dist/index.d.ts", which does not exist')]);
});

test('finds a built file that nothing exports', async () => {
  const problems = await problemsOf({ ...built, 'packages/core/dist/app/index.js': 'export {};' });
  expect(problems).toEqual([expect.stringContaining('packages/core/dist/app/index.js is built, but')]);
});

test('finds an export without types and a map without package.json', async () => {
  const exports = { '.': { '@milonga/source': './src/index.ts', default: './dist/index.js' } };
  const problems = await problemsOf({ ...built, 'packages/core/package.json': { ...core, exports } });
  expect(problems).toContainEqual(expect.stringContaining('exports lacks "./package.json"'));
  expect(problems).toContainEqual(expect.stringContaining('exports["."] must have @milonga/source, types, default'));
});
