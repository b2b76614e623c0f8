import { expect, test } from 'vitest';
import { errorReference } from '../docs/error-reference.ts';
import { errorCodes } from './error-codes.ts';
import { plantRepository } from './planted-repository.ts';

const codes = { MILONGA_CLOSED: 'It was closed.', MILONGA_ABORTED: 'It was cancelled.' };
const source = { 'packages/core/src/errors/codes.ts': `export const ERROR_CODES = ${JSON.stringify(codes)};` };

const problemsOf = async (page: string): Promise<readonly string[]> =>
  (await errorCodes.run(plantRepository({ ...source, 'docs/reference/errors.md': page }))).problems;

test('holds for the page that is generated', async () => {
  expect(await problemsOf(errorReference(codes))).toEqual([]);
});

test('finds a code that is not documented and one that does not exist', async () => {
  const { MILONGA_ABORTED: _, ...rest } = codes;
  const problems = await problemsOf(errorReference({ ...rest, MILONGA_GONE: 'It was removed.' }));
  expect(problems).toContain('docs/reference/errors.md does not document MILONGA_ABORTED.');
  expect(problems).toContain('docs/reference/errors.md documents MILONGA_GONE, which is no code.');
});

test('finds a meaning that changed', async () => {
  const problems = await problemsOf(errorReference({ ...codes, MILONGA_CLOSED: 'Something else.' }));
  expect(problems).toEqual(['docs/reference/errors.md is stale. Run `npm run docs:errors`.']);
});

test('notes the codes that no package throws', async () => {
  const root = plantRepository({ ...source, 'packages/core/src/close.ts': `throw make('MILONGA_CLOSED');` });
  expect((await errorCodes.run(root)).note).toBe('2 codes; thrown nowhere: MILONGA_ABORTED');
});
