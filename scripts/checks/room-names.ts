import { basename } from 'node:path';
import type { Check } from './check.ts';
import { sourceFiles } from './workspace.ts';

const named = /^(utils?|utilities|common|helpers?|misc|miscellaneous|stuff|shared|lib)$/;
const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*$/;

export const roomNames: Check = {
  name: 'room-names',
  rule: 'Folders and files say in kebab-case what is in them; none is called utils, common, helpers or misc.',
  run: (root) => {
    const problems = new Set<string>();
    for (const path of ['packages', 'examples', 'bench', 'scripts', 'services'].flatMap((folder) =>
      sourceFiles(root, folder),
    )) {
      const words = [
        ...path.split('/').slice(0, -1),
        basename(path).replace(/(\.(d|test|test-d|config|bench|fixture))?\.ts$/, ''),
      ];
      for (const [index, word] of words.entries()) {
        const place = path
          .split('/')
          .slice(0, index + 1)
          .join('/');
        if (named.test(word)) problems.add(`${place}: "${word}" says nothing of what is inside; name the idea.`);
        if (!kebabCase.test(word)) problems.add(`${place}: write "${word}" in kebab-case.`);
      }
    }
    return { problems: [...problems] };
  },
};
