/** What is read of one entry of a lockfile (version 3). */
export interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly cpu?: readonly string[];
  readonly os?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Lockfile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/** An optional dependency that a lockfile names but does not lock. */
export interface MissingPlatform {
  readonly name: string;
  readonly version: string;
  readonly isDevelopment: boolean;
}

/** The folder that holds `node_modules` one step up: `a/node_modules/b` -> `a`. */
const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('node_modules/') - 1));

const isLocked = (packages: Lockfile['packages'], from: string, name: string): boolean => {
  for (let at = from; ; at = parentOf(at)) {
    if (`${at === '' ? '' : `${at}/`}node_modules/${name}` in packages) return true;
    if (at === '') return false;
  }
};

/** Optional dependencies that some locked package names and no entry of the lockfile satisfies. */
export const missingPlatforms = ({ packages }: Lockfile): MissingPlatform[] => {
  const missing = new Map<string, MissingPlatform>();
  for (const [path, locked] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(locked.optionalDependencies ?? {})) {
      if (isLocked(packages, path, name)) continue;
      const isDevelopment = locked.dev === true && (missing.get(name)?.isDevelopment ?? true);
      missing.set(name, { name, version, isDevelopment });
    }
  }
  return [...missing.values()];
};
