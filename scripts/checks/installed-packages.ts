import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Check } from './check.ts';
import { type PackedPackage, packPackages } from './packed-packages.ts';
import { outputProblems, type ReadmeExample, readmeExampleOf } from './readme-example.ts';
import { readManifest } from './workspace.ts';

const run = promisify(execFile);

/** The compiler and the types of Node are this repository's, whichever repository is looked at. */
const tools = join(import.meta.dirname, '../../node_modules');

/** Everything that a user can import, such as `@milonga/core/app`. */
const entrypoints = (packages: readonly PackedPackage[]): string[] =>
  packages.flatMap(({ manifest }) =>
    Object.entries(manifest.exports ?? {})
      .filter(([, target]) => typeof target !== 'string')
      .map(([subpath]) => `${manifest.name}${subpath.slice(1)}`),
  );

/**
 * What npm leaves out by itself: optional peers, which some exports are for, such as the runner of conformance suites. In
 * the versions that the tests run with: what the newest of a range does today is no matter of this repository's.
 */
const optionalPeers = (root: string, packages: readonly PackedPackage[]): string[] =>
  packages.flatMap(({ manifest: { peerDependencies = {}, peerDependenciesMeta = {} } }) =>
    Object.entries(peerDependencies)
      .filter(([name]) => peerDependenciesMeta[name]?.optional)
      .map(([name, range]) => `${name}@${installedVersion(root, name) ?? range}`),
  );

const installedVersion = (root: string, name: string): string | undefined => {
  const folder = join('node_modules', name);
  return existsSync(join(root, folder)) ? readManifest(root, folder).version : undefined;
};

const compilerOptions = {
  module: 'nodenext',
  target: 'es2024',
  lib: ['es2024', 'esnext.disposable'],
  types: ['node'],
  typeRoots: [join(tools, '@types')],
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  skipLibCheck: false,
};

const writeConsumer = async (
  folder: string,
  names: readonly string[],
  example: ReadmeExample | undefined,
): Promise<void> => {
  const imports = names.map((name, index) => `import * as module${index} from '${name}';`).join('\n');
  const modules = names.map((name, index) => `  '${name}': module${index},`).join('\n');
  const report =
    'for (const [name, exported] of Object.entries(modules)) console.log(name, Object.keys(exported).length);';
  const source = `${imports}\n\nconst modules = {\n${modules}\n};\n${report}\n`;
  await writeFile(join(folder, 'consumer.ts'), source);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  if (example) await writeFile(join(folder, example.fileName), example.text);
};

/** What a command printed, and all of its output if it failed. */
const outcomeOf = async (
  command: string,
  values: readonly string[],
  cwd: string,
): Promise<{ readonly printed: string; readonly failure: string | undefined }> => {
  try {
    const options = { cwd, env: { ...process.env, NODE_OPTIONS: '' }, maxBuffer: 1 << 26, timeout: 300_000 };
    return { printed: (await run(command, values, options)).stdout, failure: undefined };
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as { stdout?: string; stderr?: string; message: string };
    return { printed: stdout, failure: `${stdout}${stderr}` || message };
  }
};

const exampleProblems = async (folder: string, example: ReadmeExample): Promise<readonly string[]> => {
  const { printed, failure } = await outcomeOf(process.execPath, [example.fileName], folder);
  return failure === undefined
    ? outputProblems(example, printed)
    : [`The example of README.md fails with the installed packages: ${failure}`];
};

/** Only what the packages themselves get wrong: the declarations of others are not ours to repair. */
const ownTypeErrors = (output: string): string[] => {
  const errors = output.split('\n').filter((line) => line.includes('error TS'));
  if (errors.length === 0) return output === '' ? [] : [output];
  return errors.filter((line) => /^([\w.-]+\.ts|node_modules\/@milonga\/)|^error TS/.test(line));
};

const problemsIn = async (
  root: string,
  folder: string,
  packages: readonly PackedPackage[],
  example: ReadmeExample | undefined,
): Promise<string[]> => {
  await writeConsumer(folder, entrypoints(packages), example);
  const tarballs = packages.map(({ tarball }) => tarball);
  const everything = [...tarballs, ...optionalPeers(root, packages)];
  const install = ['install', ...everything, '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  const { failure } = await outcomeOf('npm', install, folder);
  if (failure !== undefined) return [`npm cannot install the packed packages into an empty project: ${failure}`];
  const imported = await outcomeOf(process.execPath, ['consumer.ts'], folder);
  const types = await outcomeOf(join(tools, '.bin/tsc'), ['-p', '.', '--pretty', 'false'], folder);
  return [
    ...(imported.failure === undefined ? [] : [`The installed packages cannot be imported: ${imported.failure}`]),
    ...ownTypeErrors(types.failure ?? '').map((line) => `The installed packages do not type-check: ${line}`),
    ...(example ? await exampleProblems(folder, example) : []),
  ];
};

export const installedPackages: Check = {
  name: 'installed-packages',
  rule: 'The packed packages install into an empty project; every export is imported and type-checked there, and the example of the README runs and prints what it says.',
  run: async (root) => {
    const folder = await mkdtemp(join(tmpdir(), 'milonga-consumer-'));
    try {
      const packages = await packPackages(root);
      return {
        problems: await problemsIn(root, folder, packages, readmeExampleOf(root)),
        note: `${entrypoints(packages).length} exports`,
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
