import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** Every module that a text imports: statically, by `import()`, as a type, or through a re-export. */
export const importsOfText = (text: string): string[] => {
  const { importedFiles } = ts.preProcessFile(text, true, true);
  const resolved = text.matchAll(/import\.meta\.resolve\(\s*'([^']+)'/g);
  return [...new Set([...importedFiles.map(({ fileName }) => fileName), ...[...resolved].map((match) => match[1]!)])];
};

export const importsOf = (root: string, path: string): string[] =>
  importsOfText(readFileSync(join(root, path), 'utf8'));

/** `@scope/name/sub/path` -> `@scope/name`; `undefined` for relative imports and Node's own modules. */
export const packageOf = (specifier: string): string | undefined => {
  if (/^[./#]/.test(specifier) || specifier.startsWith('node:') || specifier.startsWith('data:')) return undefined;
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
};
