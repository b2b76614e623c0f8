import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Check } from './check.ts';
import { publishedPackages } from './workspace.ts';

/** The fields that npm and its users look for, and what they must be; `undefined`: anything but absent. */
const fields: Readonly<Record<string, unknown>> = {
  version: undefined,
  description: undefined,
  keywords: undefined,
  license: 'Apache-2.0',
  type: 'module',
  sideEffects: false,
  engines: { node: '>=22.18' },
  exports: undefined,
  files: undefined,
  publishConfig: { access: 'public' },
};

const fieldProblems = (at: string, manifest: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(fields).flatMap(([field, expected]) => {
    const found = JSON.stringify(manifest[field]);
    const isRight = expected === undefined ? found !== undefined : found === JSON.stringify(expected);
    return isRight
      ? []
      : [`${at}: "${field}" must be ${JSON.stringify(expected) ?? 'present'}; found ${found ?? 'none'}.`];
  });

export const packageFiles: Check = {
  name: 'package-files',
  rule: 'Every package has a complete package.json, a README and the licence, and all packages are in step.',
  run: (root) => {
    const problems: string[] = [];
    const licence = readFileSync(join(root, 'LICENSE'), 'utf8');
    const packages = publishedPackages(root);
    for (const { folder, manifest } of packages) {
      problems.push(...fieldProblems(`${folder}/package.json`, manifest as unknown as Record<string, unknown>));
      if (manifest.name !== `@milonga/${folder.slice('packages/'.length)}`) {
        problems.push(`${folder}/package.json: the name must be that of its folder; found "${manifest.name}".`);
      }
      if (!existsSync(join(root, folder, 'README.md'))) problems.push(`${folder} has no README.md.`);
      const file = join(root, folder, 'LICENSE');
      if (!existsSync(file) || readFileSync(file, 'utf8') !== licence) {
        problems.push(`${folder}/LICENSE must be a copy of LICENSE.`);
      }
    }
    const versions = [...new Set(packages.map(({ manifest }) => manifest.version))];
    if (versions.length > 1)
      problems.push(`Packages carry different versions: ${versions.join(', ')}; all go in step.`);
    return { problems };
  },
};
