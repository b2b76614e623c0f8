import { expect, test } from 'vitest';
import { documentedExports } from './documented-exports.ts';
import { plantRepository } from './planted-repository.ts';

const files = {
  'packages/core/package.json': {
    name: '@milonga/core',
    version: '0.1.0',
    exports: { '.': { '@milonga/source': './src/index.ts' }, './app': { '@milonga/source': './src/app.ts' } },
  },
  'packages/core/src/index.ts': `export { said, unsaid } from './names.ts';\nexport type { Said } from './names.ts';\n`,
  'packages/core/src/app.ts': 'export const start = 1;\n',
  'packages/core/src/names.ts': `
/**
 * Said.
 * @example said
 */
export const said = 1;
/** Said. */
export interface Said { readonly inside: string }
export const unsaid = 2;
export const internal = 3;
`,
};

test('finds public names without a doc comment, in every entry, and leaves internal ones alone', async () => {
  const { problems, note } = await documentedExports.run(plantRepository(files));
  expect(problems).toEqual([
    expect.stringContaining('unsaid of @milonga/core has no doc comment'),
    expect.stringContaining('start of @milonga/core/app has no doc comment'),
  ]);
  expect(note).toBe('4 names, 1 with an example');
});
