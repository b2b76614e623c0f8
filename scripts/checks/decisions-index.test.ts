import { expect, test } from 'vitest';
import { decisionsIndex } from './decisions-index.ts';
import { plantRepository } from './planted-repository.ts';

const problemsOf = async (index: string): Promise<readonly string[]> => {
  const files = { 'docs/decisions/columns.md': '# Columns it is\n\nBecause.\n', 'docs/decisions/README.md': index };
  return (await decisionsIndex.run(plantRepository(files))).problems;
};

test('holds when every decision is listed by its title', async () => {
  expect(await problemsOf('# Decisions\n\n- [Columns it is](columns.md)\n')).toEqual([]);
});

test('finds a decision that is not listed and a line that leads nowhere', async () => {
  const problems = await problemsOf('# Decisions\n\n- [Rows it is](rows.md)\n');
  expect(problems).toEqual([
    'docs/decisions/README.md lacks the line "- [Columns it is](columns.md)".',
    'docs/decisions/README.md has the line "- [Rows it is](rows.md)", which is the title of no decision.',
  ]);
});
