import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

const core = { name: '@milonga/core', version: '0.1.0', type: 'module' };
const sibling = (name: string): object => ({
  ...core,
  name: `@milonga/${name}`,
  peerDependencies: { '@milonga/core': '^0.1.0' },
});

const asText = (content: string | object): string => (typeof content === 'string' ? content : JSON.stringify(content));

const usual: Readonly<Record<string, string | object>> = {
  'package.json': {
    name: 'planted',
    type: 'module',
    private: true,
    workspaces: ['packages/*'],
    devDependencies: { vitest: '^5.0.0' },
  },
  'packages/core/package.json': core,
  'packages/core/src/index.ts': 'export {};\n',
  'packages/trainer/package.json': sibling('trainer'),
  'packages/service/package.json': sibling('service'),
  'packages/cli/package.json': { ...sibling('cli'), dependencies: { '@milonga/service': '^0.1.0' } },
};

/** Writes files into a new repository on disk, which is gone when the test ends. */
export const plantFiles = (files: Readonly<Record<string, string | object>>): string => {
  const root = mkdtempSync(join(tmpdir(), 'milonga-planted-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), asText(content));
  }
  execFileSync('git', ['init', '--quiet'], { cwd: root });
  return root;
};

/** A repository of core, trainer, service and cli, with the given files on top. */
export const plantRepository = (files: Readonly<Record<string, string | object>>): string =>
  plantFiles({ ...usual, ...files });
