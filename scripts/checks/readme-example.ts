import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Example, examplesOf } from './markdown-examples.ts';

/** The first example of the README, and what the page says that it prints. */
export interface ReadmeExample extends Required<Pick<Example, 'text' | 'fileName'>> {
  /** `undefined` when the page does not say. */
  readonly output: string | undefined;
}

/** The first named example of README.md with the block fenced with "```text" after it; `undefined` without a README. */
export const readmeExampleOf = (root: string): ReadmeExample | undefined => {
  const file = join(root, 'README.md');
  if (!existsSync(file)) return undefined;
  const page = readFileSync(file, 'utf8');
  const example = examplesOf(page).find(({ fileName }) => fileName !== undefined);
  if (example?.fileName === undefined) return undefined;
  const after = page.split('\n').slice(example.line).join('\n');
  return { text: example.text, fileName: example.fileName, output: /^```text\n([\s\S]*?)\n```$/m.exec(after)?.[1] };
};

/** What is wrong with what the example printed; none when it is what the page says. */
export const outputProblems = ({ fileName, output }: ReadmeExample, printed: string): readonly string[] => {
  if (output === undefined) return [`README.md does not say what ${fileName} prints; add a block fenced with "text".`];
  if (printed.trim() === output.trim()) return [];
  return [`README.md says that ${fileName} prints\n${output}\n     but it printed\n${printed.trim()}`];
};
