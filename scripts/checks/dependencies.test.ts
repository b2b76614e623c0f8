import { expect, test } from 'vitest';
import { dependencies } from './dependencies.ts';
import { plantRepository } from './planted-repository.ts';

const problemsOf = async (files: Readonly<Record<string, string | object>>): Promise<readonly string[]> =>
  (await dependencies.run(plantRepository(files))).problems;

const trainer = { name: '@milonga/trainer', version: '0.1.0', peerDependencies: { '@milonga/core': '^0.1.0' } };

test('holds for the planted repository as it is', async () => {
  expect(await problemsOf({})).toEqual([]);
});

test('finds a package without core as a peer', async () => {
  const problems = await problemsOf({ 'packages/trainer/package.json': { ...trainer, peerDependencies: {} } });
  expect(problems).toEqual([
    expect.stringContaining('peerDependencies must name "@milonga/core": "^0.1.0"; found nothing'),
  ]);
});

test('finds core as a plain dependency and in an old version', async () => {
  const manifest = {
    ...trainer,
    dependencies: { '@milonga/core': '*' },
    peerDependencies: { '@milonga/core': '^0.0.9' },
  };
  expect(await problemsOf({ 'packages/trainer/package.json': manifest })).toHaveLength(2);
});

test('finds an undeclared import, and a development dependency imported outside tests', async () => {
  const problems = await problemsOf({
    'packages/trainer/package.json': { ...trainer, devDependencies: { 'fast-check': '^4.0.0' } },
    'packages/trainer/src/index.ts': `import { LRUCache } from 'lru-cache';\nimport fc from 'fast-check';`,
  });
  expect(problems.map((problem) => problem.split('"')[1])).toEqual(['lru-cache', 'fast-check']);
});

test('allows what is declared, Node itself, and development dependencies in tests', async () => {
  const problems = await problemsOf({
    'packages/trainer/package.json': { ...trainer, dependencies: { '@scope/tool': '^1.0.0' } },
    'packages/trainer/src/index.ts': `import { tool } from '@scope/tool/deep';\nimport { join } from 'node:path';`,
    'packages/trainer/src/index.test.ts': `import { test } from 'vitest';`,
  });
  expect(problems).toEqual([]);
});
