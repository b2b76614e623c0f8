import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Check } from './check.ts';
import { type PackedPackage, packPackages } from './packed-packages.ts';

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

const writeConsumer = async (folder: string, names: readonly string[]): Promise<void> => {
  const imports = names.map((name, index) => `import * as module${index} from '${name}';`).join('\n');
  const modules = names.map((name, index) => `  '${name}': module${index},`).join('\n');
  const report =
    'for (const [name, exported] of Object.entries(modules)) console.log(name, Object.keys(exported).length);';
  const source = `${imports}\n\nconst modules = {\n${modules}\n};\n${report}\n`;
  await writeFile(join(folder, 'consumer.ts'), source);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
};

/** The output of a command that failed, or `undefined` if it did not. */
const failureOf = async (command: string, values: readonly string[], cwd: string): Promise<string | undefined> => {
  try {
    await run(command, values, { cwd, env: { ...process.env, NODE_OPTIONS: '' }, maxBuffer: 1 << 26 });
    return undefined;
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as { stdout?: string; stderr?: string; message: string };
    return `${stdout}${stderr}` || message;
  }
};

/** Only what the packages themselves get wrong: the declarations of others are not ours to repair. */
const ownTypeErrors = (output: string): string[] => {
  const errors = output.split('\n').filter((line) => line.includes('error TS'));
  if (errors.length === 0) return output === '' ? [] : [output];
  return errors.filter((line) => /^(consumer\.ts|node_modules\/@milonga\/)|^error TS/.test(line));
};

const problemsIn = async (folder: string, packages: readonly PackedPackage[]): Promise<string[]> => {
  await writeConsumer(folder, entrypoints(packages));
  const tarballs = packages.map(({ tarball }) => tarball);
  const install = ['install', ...tarballs, '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  const installed = await failureOf('npm', install, folder);
  if (installed !== undefined) return [`npm cannot install the packed packages into an empty project: ${installed}`];
  const imported = await failureOf(process.execPath, ['consumer.ts'], folder);
  const types = await failureOf(join(tools, '.bin/tsc'), ['-p', '.', '--pretty', 'false'], folder);
  return [
    ...(imported === undefined ? [] : [`The installed packages cannot be imported: ${imported}`]),
    ...ownTypeErrors(types ?? '').map((line) => `The installed packages do not type-check: ${line}`),
  ];
};

export const installedPackages: Check = {
  name: 'installed-packages',
  rule: 'The packed packages install into an empty project; every export is imported and type-checked there.',
  run: async (root) => {
    const folder = await mkdtemp(join(tmpdir(), 'milonga-consumer-'));
    try {
      const packages = await packPackages(root);
      return { problems: await problemsIn(folder, packages), note: `${entrypoints(packages).length} exports` };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
