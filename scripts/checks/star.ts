import { posix } from 'node:path';
import type { Check } from './check.ts';
import { importsOf, packageOf } from './imports.ts';
import { isTest, publishedPackages, sourceFiles } from './workspace.ts';

/** What a package may import of its siblings. Everything may import core; tests, only what is in `testOnly` besides. */
const allowed: Readonly<Record<string, readonly string[]>> = { cli: ['service'] };
const testOnly: readonly string[] = ['testing', 'adapters-local'];
/** Where tests find the real services that are up: of the repository, and of no package. */
const services = 'services/';

const mayImport = (from: string, to: string, path: string): boolean =>
  to === from ||
  to === 'core' ||
  (allowed[from] ?? []).includes(to) ||
  (isTest(path) && (testOnly.includes(to) || to.startsWith(services)));

/** The package that an import reaches, by name or by a relative path that leaves its own package. */
const target = (path: string, specifier: string): string | undefined => {
  if (specifier.startsWith('.')) {
    const reached = posix.join(posix.dirname(path), specifier).split('/');
    return reached[0] === 'packages' ? reached[1] : reached.slice(0, 2).join('/');
  }
  const name = packageOf(specifier);
  return name?.startsWith('@milonga/') ? name.slice('@milonga/'.length) : undefined;
};

export const star: Check = {
  name: 'star',
  rule: 'Packages import @milonga/core and no sibling; cli may import service; nothing imports an example.',
  run: (root) => {
    const problems: string[] = [];
    for (const { folder } of publishedPackages(root)) {
      const from = folder.slice('packages/'.length);
      for (const path of sourceFiles(root, folder)) {
        for (const specifier of importsOf(root, path)) {
          const to = target(path, specifier);
          if (to === undefined || mayImport(from, to, path)) continue;
          problems.push(
            `${path} imports "${specifier}". Package "${from}" may import @milonga/core${
              isTest(path) ? `, and in tests ${testOnly.join(' and ')}` : ''
            }; meet "${to}" in a port of core instead.`,
          );
        }
      }
    }
    return { problems };
  },
};
