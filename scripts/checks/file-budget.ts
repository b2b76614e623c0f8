import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Check } from './check.ts';
import { sourceFiles } from './workspace.ts';

const mostLines = 400;
const usualLines = 150;

const lineCount = (text: string): number => text.split('\n').length - (text.endsWith('\n') ? 1 : 0);

export const fileBudget: Check = {
  name: 'file-budget',
  rule: `A file is one idea: none over ${mostLines} lines, and at least nine in ten within ${usualLines}.`,
  run: (root) => {
    const files = ['packages', 'examples', 'bench', 'scripts', 'services']
      .flatMap((folder) => sourceFiles(root, folder))
      .map((path) => ({ path, lines: lineCount(readFileSync(join(root, path), 'utf8')) }));
    const problems = files
      .filter(({ lines }) => lines > mostLines)
      .map(({ path, lines }) => `${path} has ${lines} lines; the limit is ${mostLines}. Split it by idea.`);
    const long = files.filter(({ lines }) => lines > usualLines);
    const share = files.length === 0 ? 0 : long.length / files.length;
    const longest = long.toSorted((left, right) => right.lines - left.lines).slice(0, 5);
    const note =
      `${files.length} files, ${(share * 100).toFixed(1)} % over ${usualLines} lines` +
      (longest.length > 0 ? ` (longest: ${longest.map(({ path, lines }) => `${path} ${lines}`).join(', ')})` : '');
    return { problems, note: share > 0.1 ? `WARNING: ${note}` : note };
  },
};
