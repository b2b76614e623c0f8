import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Check } from './check.ts';
import { documentationPages } from './documentation-pages.ts';

const withoutCode = (page: string): string =>
  page.replaceAll(/^```[\s\S]*?^```$/gm, '').replaceAll(/`[^`\n]*`/g, 'code');

/** The anchors of a page, as they are made of headings. */
const anchorsOf = (page: string): ReadonlySet<string> =>
  new Set(
    [...page.matchAll(/^#+ (.+)$/gm)].map((match) =>
      match[1]!
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );

/** Why a link leads nowhere; `undefined` when it leads somewhere, or out of the repository. */
const problemOf = (root: string, page: string, link: string): string | undefined => {
  if (/^[a-z]+:/.test(link)) return undefined;
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(root, target))) return `there is no ${target}`;
  if (anchor === undefined || anchorsOf(readFileSync(join(root, target), 'utf8')).has(anchor)) return undefined;
  return `${target} has no heading "${anchor}"`;
};

export const documentationLinks: Check = {
  name: 'documentation-links',
  rule: 'Every link between pages leads to a file, and to a heading where it names one.',
  run: (root) => {
    const problems: string[] = [];
    let count = 0;
    for (const page of documentationPages(root)) {
      for (const [, link] of withoutCode(readFileSync(join(root, page), 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)) {
        count += 1;
        const why = problemOf(root, page, link!);
        if (why !== undefined) problems.push(`${page} links to "${link}": ${why}.`);
      }
    }
    return { problems, note: `${count} links` };
  },
};
