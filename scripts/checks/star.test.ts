import { expect, test } from 'vitest';
import { plantRepository } from './planted-repository.ts';
import { star } from './star.ts';

const problemsOf = async (files: Readonly<Record<string, string>>): Promise<readonly string[]> =>
  (await star.run(plantRepository(files))).problems;

test.each([
  ['a sibling by name', `import { serve } from '@milonga/service';`],
  ['a type of a sibling', `import type { Server } from '@milonga/service';`],
  ['a subpath of a sibling', `export { serve } from '@milonga/service/http';`],
  ['a sibling on demand', `const { serve } = await import('@milonga/service');`],
  ['a type in place', `export type Server = import('@milonga/service').Server;`],
  ['a path out of the package', `import { serve } from '../../service/src/index.ts';`],
  ['an example', `import config from '../../../examples/online-retail/milonga.config.ts';`],
])('finds %s', async (_, text) => {
  const problems = await problemsOf({ 'packages/trainer/src/index.ts': text });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain('packages/trainer/src/index.ts imports');
});

test('allows core everywhere, service to cli, and testing in tests', async () => {
  const problems = await problemsOf({
    'packages/trainer/src/index.ts': `import { event } from '@milonga/core';\nimport { app } from '@milonga/core/app';`,
    'packages/trainer/src/train.test.ts': `import { fakeClock } from '@milonga/testing';`,
    'packages/cli/src/index.ts': `import { serve } from '@milonga/service';`,
  });
  expect(problems).toEqual([]);
});

test('allows the services that are up in tests, and nowhere else', async () => {
  const text = `import { requireService } from '../../../services/test-services.ts';`;
  expect(await problemsOf({ 'packages/trainer/src/redis.test.ts': text })).toEqual([]);
  expect(await problemsOf({ 'packages/trainer/src/redis.ts': text })).toHaveLength(1);
});

test('does not allow testing outside tests, nor a sibling in them', async () => {
  const problems = await problemsOf({
    'packages/trainer/src/index.ts': `import { fakeClock } from '@milonga/testing';`,
    'packages/trainer/src/train.test.ts': `import { serve } from '@milonga/service';`,
  });
  expect(problems).toHaveLength(2);
});
