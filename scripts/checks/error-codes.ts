import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorReference, errorReferencePath, readErrorCodes } from '../docs/error-reference.ts';
import type { Check } from './check.ts';
import { isTest, publishedPackages, sourceFiles } from './workspace.ts';

const documentedCodes = (page: string): string[] => [...page.matchAll(/^## `(\w+)`$/gm)].map((match) => match[1]!);

const referenceProblems = (codes: Readonly<Record<string, string>>, page: string): string[] => {
  const documented = documentedCodes(page);
  const problems = [
    ...Object.keys(codes)
      .filter((code) => !documented.includes(code))
      .map((code) => `${errorReferencePath} does not document ${code}.`),
    ...documented
      .filter((code) => !(code in codes))
      .map((code) => `${errorReferencePath} documents ${code}, which is no code.`),
  ];
  if (problems.length === 0 && page === errorReference(codes)) return [];
  return [...problems, `${errorReferencePath} is stale. Run \`npm run docs:errors\`.`];
};

/** Codes that no package throws yet: worth a look, but an adapter outside this repository may throw them. */
const unusedCodes = (root: string, codes: readonly string[]): string[] => {
  const text = publishedPackages(root)
    .flatMap(({ folder }) => sourceFiles(root, folder))
    .filter((path) => !isTest(path) && !path.endsWith('errors/codes.ts'))
    .map((path) => readFileSync(join(root, path), 'utf8'))
    .join('\n');
  return codes.filter((code) => !text.includes(`'${code}'`));
};

export const errorCodes: Check = {
  name: 'error-codes',
  rule: `${errorReferencePath} lists exactly the error codes of core.`,
  run: async (root) => {
    const codes = await readErrorCodes(root);
    const file = join(root, errorReferencePath);
    const page = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const unused = unusedCodes(root, Object.keys(codes));
    const note = `${Object.keys(codes).length} codes${unused.length > 0 ? `; thrown nowhere: ${unused.join(', ')}` : ''}`;
    return { problems: referenceProblems(codes, page), note };
  },
};
