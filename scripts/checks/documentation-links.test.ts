import { expect, test } from 'vitest';
import { documentationLinks } from './documentation-links.ts';
import { plantRepository } from './planted-repository.ts';

const problemsOf = async (page: string): Promise<readonly string[]> => {
  const files = { 'docs/start.md': page, 'docs/guides/models.md': '# Models\n\n## A gate of your own\n' };
  return (await documentationLinks.run(plantRepository(files))).problems;
};

test('holds for files, folders, headings and the web', async () => {
  const links = ['guides/models.md', 'guides', 'guides/models.md#a-gate-of-your-own', '#start', 'https://ucum.org'];
  expect(await problemsOf(`# Start\n\n${links.map((link) => `[there](${link})`).join('\n')}\n`)).toEqual([]);
});

test('finds a file and a heading that are not there, but not in code', async () => {
  const page = '[a](guides/cakes.md) [b](guides/models.md#a-cake) `[c](d.md)`\n\n```md\n[e](f.md)\n```\n';
  expect(await problemsOf(page)).toEqual([
    'docs/start.md links to "guides/cakes.md": there is no docs/guides/cakes.md.',
    'docs/start.md links to "guides/models.md#a-cake": docs/guides/models.md has no heading "a-cake".',
  ]);
});
