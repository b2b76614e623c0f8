import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Check } from './check.ts';

interface Tool {
  readonly command: string;
  readonly expected: RegExp;
  readonly reason: string;
}

const tools: readonly Tool[] = [
  { command: 'node', expected: /^v24\./, reason: 'the repository runs on its own Node 24, the npm package "node"' },
  {
    command: 'tsc',
    expected: /^Version 7\./,
    reason: 'types are checked by TypeScript 7, the alias "@typescript/native"',
  },
  {
    command: 'tsc6',
    expected: /^Version 6\./,
    reason: 'declarations are bundled by TypeScript 6, the alias "typescript"',
  },
];

const versionOf = (root: string, command: string): string => {
  try {
    return execFileSync(join(root, 'node_modules/.bin', command), ['--version'], { encoding: 'utf8' }).trim();
  } catch {
    return 'nothing';
  }
};

export const toolchain: Check = {
  name: 'toolchain',
  rule: 'What is installed is Node 24, TypeScript 7 to check types and TypeScript 6 to bundle declarations.',
  run: (root) => ({
    problems: tools.flatMap(({ command, expected, reason }) => {
      const found = versionOf(root, command);
      return expected.test(found) ? [] : [`node_modules/.bin/${command} is ${found}; ${reason}. Run \`npm ci\`.`];
    }),
  }),
};
