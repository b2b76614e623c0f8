import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What the checks read of a package.json. */
export interface Manifest {
  readonly name: string;
  readonly version?: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** A workspace of the repository. */
export interface Workspace {
  /** Relative to the repository, such as `packages/core`. */
  readonly folder: string;
  readonly manifest: Manifest;
}

export const readManifest = (root: string, folder: string): Manifest =>
  JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;

const workspacesAt = (root: string, patterns: readonly string[]): Workspace[] =>
  globSync(patterns, { cwd: root })
    .map((path) => dirname(path))
    .sort()
    .map((folder) => ({ folder, manifest: readManifest(root, folder) }));

/** The packages that are published. */
export const publishedPackages = (root: string): Workspace[] => workspacesAt(root, ['packages/*/package.json']);

/** Every workspace: packages, examples and benchmarks. */
export const allWorkspaces = (root: string): Workspace[] =>
  workspacesAt(root, ['packages/*/package.json', 'examples/*/package.json', 'bench/package.json']);

/** TypeScript files of a folder, relative to the repository, without what is built or installed. */
export const sourceFiles = (root: string, folder: string): string[] =>
  globSync(`${folder}/**/*.ts`, {
    cwd: root,
    exclude: (path) => /(^|\/)(node_modules|dist|\.milonga|\.turbo)(\/|$)/.test(path),
  }).sort();

/** Whether a source file is a test (of behaviour or of types) or lies in a folder of what tests use. */
export const isTest = (path: string): boolean => /\.(test|test-d|fixture)\.ts$|\/(fixtures|test-support)\//.test(path);
