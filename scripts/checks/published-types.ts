import { readFile } from 'node:fs/promises';
import { checkPackage, createPackageFromTarballData, type Problem } from '@arethetypeswrong/core';
import type { Check } from './check.ts';
import { type PackedPackage, packPackages } from './packed-packages.ts';

/** What `attw --profile esm-only` looks at: packages are ESM, so `require` and the resolution of Node 10 do not count. */
const ignored = new Set(['node10', 'node16-cjs']);

const describe = (problem: Problem): string => {
  const where = 'entrypoint' in problem ? `"${problem.entrypoint}" (${problem.resolutionKind})` : 'the package';
  return `are-the-types-wrong reports ${problem.kind} for ${where}`;
};

const problemsOf = async ({ folder, tarball }: PackedPackage): Promise<string[]> => {
  const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(await readFile(tarball))), {
    excludeEntrypoints: ['./package.json'],
  });
  if (!analysis.types) return [`${folder}: the tarball contains no types. Run \`npm run build\`.`];
  return analysis.problems
    .filter((problem) => !('resolutionKind' in problem && ignored.has(problem.resolutionKind)))
    .map((problem) => `${folder}: ${describe(problem)}.`);
};

export const publishedTypes: Check = {
  name: 'published-types',
  rule: 'are-the-types-wrong finds nothing wrong in any package as it would be published (profile: ESM only).',
  run: async (root) => {
    const problems: string[] = [];
    for (const each of await packPackages(root)) problems.push(...(await problemsOf(each)));
    return { problems };
  },
};
