/**
 * Adds to package-lock.json the binaries of other platforms that npm left out.
 *
 * npm writes an optional dependency into the lockfile only if the registry in use answers for it, and a mirror often
 * carries the binaries of its own platform alone. `npm ci` then refuses the lockfile everywhere ("Missing: … from lock
 * file"). The missing entries can be told from the lockfile itself: such packages are pinned to one exact version, and
 * their names say for which platform they are. They carry no checksum; `npm install` from a full registry adds it.
 *
 * `node scripts/lockfile/complete-lockfile.ts` repairs the file in place and changes nothing if it is complete.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LockedPackage, type Lockfile, missingPlatforms } from './missing-platforms.ts';
import { platformOf } from './platform-name.ts';

const file = join(import.meta.dirname, '../../package-lock.json');
const lockfile = JSON.parse(readFileSync(file, 'utf8')) as Lockfile;
const missing = missingPlatforms(lockfile);
const added: Record<string, LockedPackage> = {};

for (const { name, version, isDevelopment } of missing) {
  const platform = platformOf(name);
  if (!platform) {
    throw new Error(
      `package-lock.json lacks the optional dependency "${name}" (${version}), and its name tells no platform. ` +
        'Run `npm install` with a registry that carries it.',
    );
  }
  added[`node_modules/${name}`] = {
    version,
    cpu: [platform.cpu],
    ...(isDevelopment ? { dev: true } : {}),
    ...(platform.libc ? { libc: [platform.libc] } : {}),
    optional: true,
    os: [platform.os],
  };
}

if (missing.length > 0) {
  const packages = Object.entries({ ...lockfile.packages, ...added });
  packages.sort(([left], [right]) => left.localeCompare(right, 'en'));
  writeFileSync(file, `${JSON.stringify({ ...lockfile, packages: Object.fromEntries(packages) }, null, 2)}\n`);
  console.log(`package-lock.json: added ${missing.length} platform packages that the registry did not offer.`);
}
