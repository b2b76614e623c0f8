import { existsSync, globSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Check } from './check.ts';
import { importsOf } from './imports.ts';
import { type Manifest, publishedPackages } from './workspace.ts';

const conditions = ['@milonga/source', 'types', 'default'];

const shapeProblems = (at: string, exports: NonNullable<Manifest['exports']>): string[] => {
  // A package for several services has one subpath for each, and nothing that would load all of them.
  const isBySubpath = Object.keys(exports).filter((subpath) => subpath !== './package.json').length > 1;
  const problems = (isBySubpath ? ['./package.json'] : ['.', './package.json'])
    .filter((subpath) => !(subpath in exports))
    .map((subpath) => `${at}: exports lacks "${subpath}".`);
  for (const [subpath, target] of Object.entries(exports)) {
    if (typeof target === 'string' || Object.keys(target).join() === conditions.join()) continue;
    problems.push(`${at}: exports["${subpath}"] must have ${conditions.join(', ')}, in this order.`);
  }
  return problems;
};

const targetsOf = ({ exports = {}, bin = {} }: Manifest): string[] =>
  [...Object.values(exports).flatMap((target) => (typeof target === 'string' ? [target] : Object.values(target)))]
    .concat(Object.values(bin))
    .map((target) => posix.normalize(target));

/** What the built files reach from the exports map, following relative imports of code and of declarations. */
const reachable = (root: string, folder: string, entries: readonly string[]): Set<string> => {
  const reached = new Set<string>();
  const queue = entries.filter((entry) => entry.startsWith('dist/'));
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (reached.has(path) || !existsSync(join(root, folder, path))) continue;
    reached.add(path).add(`${path}.map`);
    for (const specifier of importsOf(root, posix.join(folder, path))) {
      if (!specifier.startsWith('.')) continue;
      const target = posix.join(posix.dirname(path), specifier);
      queue.push(path.endsWith('.d.ts') ? target.replace(/\.js$/, '.d.ts') : target);
    }
  }
  return reached;
};

export const exportsMap: Check = {
  name: 'exports-map',
  rule: 'Every target of an exports map is built, and every built file is a target or imported by one.',
  run: (root) => {
    const problems: string[] = [];
    for (const { folder, manifest } of publishedPackages(root)) {
      const at = `${folder}/package.json`;
      problems.push(...shapeProblems(at, manifest.exports ?? {}));
      const targets = targetsOf(manifest);
      for (const target of targets) {
        if (existsSync(join(root, folder, target))) continue;
        problems.push(
          `${at} names "${target}", which does not exist. Run \`npm run build\`, or correct the exports map.`,
        );
      }
      const reached = reachable(root, folder, targets);
      for (const path of globSync('dist/**/*.*', { cwd: join(root, folder) })) {
        if (reached.has(path)) continue;
        problems.push(`${folder}/${path} is built, but ${at} exports nothing that reaches it.`);
      }
    }
    return { problems };
  },
};
