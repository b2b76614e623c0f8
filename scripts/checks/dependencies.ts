import type { Check } from './check.ts';
import { importsOf, packageOf } from './imports.ts';
import { allWorkspaces, isTest, publishedPackages, readManifest, sourceFiles, type Workspace } from './workspace.ts';

const core = '@milonga/core';

const peerProblems = ({ folder, manifest }: Workspace, coreVersion: string | undefined): string[] => {
  if (manifest.name === core) return [];
  const wanted = `^${coreVersion}`;
  const problems: string[] = [];
  if (manifest.peerDependencies?.[core] !== wanted) {
    const found = manifest.peerDependencies?.[core] ?? 'nothing';
    problems.push(`${folder}/package.json: peerDependencies must name "${core}": "${wanted}"; found ${found}.`);
  }
  if (manifest.dependencies?.[core] !== undefined) {
    problems.push(`${folder}/package.json: "${core}" is a peer; remove it from dependencies, or users get two copies.`);
  }
  return problems;
};

const names = (...groups: readonly (Readonly<Record<string, string>> | undefined)[]): Set<string> =>
  new Set(groups.flatMap((group) => Object.keys(group ?? {})));

const undeclared = (root: string, { folder, manifest }: Workspace, rootDevelopment: Set<string>): string[] => {
  const atRunTime = names(manifest.dependencies, manifest.peerDependencies, manifest.optionalDependencies);
  atRunTime.add(manifest.name);
  const inTests = new Set([...names(manifest.devDependencies), ...atRunTime, ...rootDevelopment]);
  return sourceFiles(root, folder).flatMap((path) =>
    importsOf(root, path).flatMap((specifier) => {
      const name = packageOf(specifier);
      const isConfiguration = path.endsWith('.config.ts') && path.startsWith('packages/');
      if (name === undefined || (isTest(path) || isConfiguration ? inTests : atRunTime).has(name)) return [];
      return [
        `${path} imports "${specifier}", which ${folder}/package.json does not declare. Add "${name}" to its ` +
          `${isTest(path) ? 'devDependencies' : 'dependencies'}.`,
      ];
    }),
  );
};

export const dependencies: Check = {
  name: 'dependencies',
  rule: 'Every package but core has core as a peer, and imports nothing that its package.json does not declare.',
  run: (root) => {
    const packages = publishedPackages(root);
    const version = packages.find(({ manifest }) => manifest.name === core)?.manifest.version;
    const rootDevelopment = names(readManifest(root, '.').devDependencies);
    return {
      problems: [
        ...packages.flatMap((workspace) => peerProblems(workspace, version)),
        ...allWorkspaces(root).flatMap((workspace) => undeclared(root, workspace, rootDevelopment)),
      ],
    };
  },
};
