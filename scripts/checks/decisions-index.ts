import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Check } from './check.ts';

const index = 'docs/decisions/README.md';

/** What the index should say of a decision: its title, linked to its file. */
const entryOf = (root: string, path: string): string => {
  const title = /^# (.+)$/m.exec(readFileSync(join(root, path), 'utf8'))?.[1] ?? basename(path);
  return `- [${title}](${basename(path)})`;
};

export const decisionsIndex: Check = {
  name: 'decisions-index',
  rule: `${index} lists every decision by its title, in order of the files' names, and nothing else.`,
  run: (root) => {
    const files = globSync('docs/decisions/*.md', { cwd: root }).sort();
    const expected = files.filter((path) => path !== index).map((path) => entryOf(root, path));
    const page = existsSync(join(root, index)) ? readFileSync(join(root, index), 'utf8') : '';
    const found = page.split('\n').filter((line) => line.startsWith('- '));
    return {
      problems: [
        ...expected.filter((line) => !found.includes(line)).map((line) => `${index} lacks the line "${line}".`),
        ...found
          .filter((line) => !expected.includes(line))
          .map((line) => `${index} has the line "${line}", which is the title of no decision.`),
      ],
    };
  },
};
