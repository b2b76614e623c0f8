import { globSync } from 'node:fs';

/** Pages of Markdown that users read, relative to the repository. */
export const documentationPages = (root: string): string[] =>
  globSync(
    ['README.md', 'CONTRIBUTING.md', 'docs/**/*.md', 'packages/*/README.md', 'examples/*/README.md', 'bench/README.md'],
    { cwd: root, exclude: (path) => path.includes('node_modules') },
  ).sort();
