import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Check } from './check.ts';
import { documentationPages } from './documentation-pages.ts';
import { type Example, examplesOf } from './markdown-examples.ts';

/** Where the examples of all pages are compiled, relative to the repository; git ignores it. */
const workplace = '.turbo/documentation';
const compiler = join(import.meta.dirname, '../../node_modules/.bin/tsc');
const configuration = 'milonga.config.ts';
const reference = `examples/online-retail/${configuration}`;

/** A page's folder, in which its examples see each other by the names that their fences give them. */
const folderOf = (page: string): string => join(workplace, page.replaceAll(/[/.]/g, '-'));

const writeExamples = (root: string, page: string, examples: readonly Example[]): void => {
  const folder = join(root, folderOf(page));
  mkdirSync(folder, { recursive: true });
  for (const { line, text, fileName } of examples) {
    const blankLines = '\n'.repeat(line);
    writeFileSync(join(folder, fileName ?? `line-${line}.ts`), `${blankLines}${text}\nexport {};\n`);
  }
  const file = join(folder, configuration);
  if (existsSync(file) || !existsSync(join(root, reference))) return;
  writeFileSync(file, `export { default } from '${relative(dirname(file), join(root, reference))}';\n`);
};

const compile = (root: string): string => {
  const tsconfig = { extends: '../../tsconfig.base.json', include: ['**/*.ts'] };
  writeFileSync(join(root, workplace, 'tsconfig.json'), JSON.stringify(tsconfig));
  try {
    execFileSync(compiler, ['-p', workplace, '--pretty', 'false'], { cwd: root, encoding: 'utf8', stdio: 'pipe' });
    return '';
  } catch (error) {
    const { stdout, message } = error as { stdout?: string; message: string };
    return stdout || message;
  }
};

/** `.turbo/documentation/README-md/line-9.ts(12,3): error …` -> `README.md:12: error …`. */
const atPage = (line: string, pages: readonly string[]): string => {
  const page = pages.find((each) => line.startsWith(`${folderOf(each)}/`));
  const place = /\((\d+),\d+\): /.exec(line);
  return page && place ? `${page}:${place[1]}: ${line.slice(place.index + place[0].length)}` : line;
};

export const documentationExamples: Check = {
  name: 'documentation-examples',
  rule: 'Every `ts` example of the READMEs and of docs/ compiles against the packages.',
  run: (root) => {
    rmSync(join(root, workplace), { recursive: true, force: true });
    const pages = documentationPages(root);
    let count = 0;
    for (const page of pages) {
      const examples = examplesOf(readFileSync(join(root, page), 'utf8'));
      if (examples.length > 0) writeExamples(root, page, examples);
      count += examples.length;
    }
    if (count === 0) return { problems: [], note: 'no examples' };
    const problems = compile(root)
      .split('\n')
      .filter((line) => /error|rror:/.test(line) && !line.startsWith('packages/'))
      .map((line) => atPage(line, pages));
    return { problems, note: `${count} examples` };
  },
};
