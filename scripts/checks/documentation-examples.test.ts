import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { documentationExamples } from './documentation-examples.ts';
import { examplesOf } from './markdown-examples.ts';
import { plantRepository } from './planted-repository.ts';

const base = JSON.parse(readFileSync(join(import.meta.dirname, '../../tsconfig.base.json'), 'utf8'));
const fence = (label: string, text: string): string => `\`\`\`${label}\n${text}\n\`\`\`\n`;

const problemsOf = async (readme: string): Promise<readonly string[]> => {
  const tsconfig = { compilerOptions: { ...base.compilerOptions, types: [] } };
  const root = plantRepository({ 'tsconfig.base.json': tsconfig, 'README.md': readme });
  return (await documentationExamples.run(root)).problems;
};

test('finds an example that does not compile, at its line of the page', async () => {
  const problems = await problemsOf(`# Title\n\n${fence('ts', 'const a = 1;\nconst b: string = a;\nconsole.log(b);')}`);
  expect(problems).toContainEqual(expect.stringMatching(/^README\.md:5: error TS2322/));
});

test('examples of a page see each other by name, and fragments are left out', async () => {
  const readme = [
    fence('ts milonga.config.ts', 'export default { name: "planted" };'),
    fence('ts', `import config from './milonga.config.ts';\nexport const name: string = config.name;`),
    fence('ts fragment', 'nothing.that(stands.alone)'),
    fence('json', '{ "not": "code" }'),
  ].join('\n');
  expect(await problemsOf(readme)).toEqual([]);
});

test('a fence that is never closed is an error', () => {
  expect(() => examplesOf('text\n```ts\nconst a = 1;\n')).toThrow('line 2 has no closing fence');
});
