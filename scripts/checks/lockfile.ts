import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Lockfile, missingPlatforms } from '../lockfile/missing-platforms.ts';
import type { Check } from './check.ts';

export const lockfile: Check = {
  name: 'lockfile',
  rule: 'package-lock.json names no registry and holds the binaries of every platform, so `npm ci` works anywhere.',
  run: (root) => {
    const text = readFileSync(join(root, 'package-lock.json'), 'utf8');
    const problems = missingPlatforms(JSON.parse(text) as Lockfile).map(
      ({ name, version }) =>
        `package-lock.json lacks ${name}@${version}. Run \`node scripts/lockfile/complete-lockfile.ts\`.`,
    );
    if (/"resolved": "https?:/.test(text)) {
      problems.push(
        'package-lock.json names a registry. Keep omit-lockfile-registry-resolved in .npmrc and run `npm install`.',
      );
    }
    return { problems };
  },
};
