import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { plantRepository } from './planted-repository.ts';
import { toolchain } from './toolchain.ts';

const root = join(import.meta.dirname, '../..');

/** What a tool of the repository says of planted files, with the repository's own configuration. */
const complaints = (tool: string, values: readonly string[], files: Readonly<Record<string, string>>): string => {
  const { vcs: _, $schema: __, ...biome } = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
  const tsconfig = { extends: join(root, 'tsconfig.base.json'), compilerOptions: { types: [] }, include: ['src'] };
  const cwd = plantRepository({
    'biome.json': biome,
    'tsconfig.json': { ...tsconfig, compilerOptions: { types: [], declaration: true, isolatedDeclarations: true } },
    ...files,
  });
  try {
    return execFileSync(join(root, 'node_modules/.bin', tool), [...values], { cwd, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return stdout + stderr;
  }
};

const lint = (files: Readonly<Record<string, string>>): string => complaints('biome', ['lint', '.'], files);
const typecheck = (text: string): string => complaints('tsc', ['-p', '.'], { 'src/planted.ts': text });

test('lint finds an import cycle', () => {
  const files = {
    'src/a.ts': `import { b } from './b.ts';\nexport const a = (): number => b();\n`,
    'src/b.ts': `import { a } from './a.ts';\nexport const b = (): number => a();\n`,
  };
  expect(lint(files)).toContain('noImportCycles');
});

test('lint finds a function of more than 60 lines, and allows 60', () => {
  const functionOf = (lines: number): string => `export const f = (): void => {\n${'  f();\n'.repeat(lines)}};\n`;
  expect(lint({ 'src/f.ts': functionOf(61) })).toContain('noExcessiveLinesPerFunction');
  expect(lint({ 'src/f.ts': functionOf(55) })).not.toContain('noExcessiveLinesPerFunction');
});

test('lint finds `any`, a default export and an import that should be a type', () => {
  const text = `import { Frame } from './frame.ts';\nexport default (frame: Frame): any => frame;\n`;
  const output = lint({ 'src/a.ts': text });
  for (const rule of ['noExplicitAny', 'noDefaultExport', 'useImportType']) expect(output).toContain(rule);
});

test.each([
  [
    'a promise that does not hold',
    '// @ts-expect-error: a string is no number\nexport const a: string = "";',
    'TS2578',
  ],
  ['an export whose type must be inferred', 'export const a = Object.keys({});', 'TS9010'],
  ['an enum', 'export enum A { B }', 'TS1294'],
  ['an index that may be absent', 'export const f = (a: string[]): string => a[0];', 'TS2322'],
  ['an optional property set to undefined', 'export const a: { b?: string } = { b: undefined };', 'TS2375'],
])('typecheck finds %s', (_, text, code) => {
  expect(typecheck(text)).toContain(code);
});

test('toolchain finds tools that are not there', async () => {
  expect((await toolchain.run(plantRepository({}))).problems).toHaveLength(3);
});
