import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Check } from './check.ts';

interface ForbiddenWord {
  readonly pattern: RegExp;
  readonly reason: string;
}

/** Written so that this file does not contain what it forbids. */
const forbidden: readonly ForbiddenWord[] = [
  {
    pattern: /(?<![\w.@~}-])\/(work|tmp|root|home)\/[\w.-]/,
    reason: 'a path of one machine; use a relative path or os.tmpdir()',
  },
  {
    pattern: /https?:\/\/(registry|npm|nexus|artifactory|verdaccio)[.\w-]*[/:]/,
    reason: 'a registry host; leave it to the user',
  },
  { pattern: /^\s*(@[\w-]+:)?registry\s*=\s*https?:/m, reason: 'a registry host; leave it to the user' },
  { pattern: /\b(TODO|FIXME|XXX)\b/, reason: 'unfinished work; finish it, or file an issue' },
];

/** Text that others wrote and that names hosts for good reasons. */
const skipped = /(^|\/)(LICENSE|scripts\/checks\/forbidden-words(\.test)?\.ts)$/;

const filesOf = (root: string): string[] =>
  execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter((path) => path !== '' && !skipped.test(path) && existsSync(join(root, path)));

const problemsIn = (path: string, text: string): string[] =>
  forbidden.flatMap(({ pattern, reason }) => {
    const match = pattern.exec(text);
    if (!match) return [];
    const line = text.slice(0, match.index).split('\n').length;
    return [`${path}:${line}: "${match[0].trim()}" is ${reason}.`];
  });

export const forbiddenWords: Check = {
  name: 'forbidden-words',
  rule: 'The repository names no path of one machine, no registry host and no unfinished work.',
  run: (root) => {
    const problems: string[] = [];
    for (const path of filesOf(root)) {
      const bytes = readFileSync(join(root, path));
      if (!bytes.includes(0)) problems.push(...problemsIn(path, bytes.toString('utf8')));
    }
    return { problems };
  },
};
