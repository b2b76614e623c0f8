import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';

/** What this configuration reads of a package's own package.json. */
interface PackageManifest {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly bin?: Readonly<Record<string, string>>;
}

/**
 * The one build of every package: what the exports map and `bin` name is built, nothing else. An export's source is its
 * `@milonga/source` condition; `./dist/x.js` in `bin` is built from `src/x.ts`.
 */
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as PackageManifest;

const entryName = (file: string): string => file.replace(/^\.\/(src|dist)\//, '').replace(/\.(ts|js)$/, '');

const exported = Object.values(manifest.exports).flatMap((target) =>
  typeof target === 'string' ? [] : [entryName(target['@milonga/source'] ?? '')],
);
const commands = Object.values(manifest.bin ?? {}).map(entryName);
const entries = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, `src/${name}.ts`]));

export default defineConfig({
  entry: entries([...exported, ...commands]),
  format: 'esm',
  target: 'node22',
  platform: 'node',
  dts: { entry: entries(exported) },
  sourcemap: true,
  clean: true,
  splitting: true,
  treeshake: false,
});
