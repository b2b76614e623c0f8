import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { publishedPackages, type Workspace } from './workspace.ts';

const run = promisify(execFile);

/** A package as npm would publish it. */
export interface PackedPackage extends Workspace {
  /** Absolute path of the tarball. */
  readonly tarball: string;
}

const packed = new Map<string, Promise<PackedPackage[]>>();

const pack = async (root: string): Promise<PackedPackage[]> => {
  const folder = join(root, '.turbo/packed');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const packages = publishedPackages(root);
  const selected = packages.flatMap((each) => ['--workspace', each.folder]);
  await run('npm', ['pack', ...selected, '--pack-destination', folder, '--ignore-scripts', '--silent'], { cwd: root });
  return packages.map((each) => {
    const { name, version } = each.manifest;
    return { ...each, tarball: join(folder, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`) };
  });
};

/** Packs every published package into .turbo/packed, once in a process. */
export const packPackages = (root: string): Promise<PackedPackage[]> => {
  const done = packed.get(root) ?? pack(root);
  packed.set(root, done);
  return done;
};
