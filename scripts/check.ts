/**
 * Holds the repository to its rules: `npm run check`, or `npm run check -- star file-budget` for some of them. Needs
 * `npm run build` first for what looks at built files.
 */
import { join } from 'node:path';
import type { Check } from './checks/check.ts';
import { decisionsIndex } from './checks/decisions-index.ts';
import { dependencies } from './checks/dependencies.ts';
import { documentationExamples } from './checks/documentation-examples.ts';
import { documentationLinks } from './checks/documentation-links.ts';
import { documentedExports } from './checks/documented-exports.ts';
import { errorCodes } from './checks/error-codes.ts';
import { exportsMap } from './checks/exports-map.ts';
import { fileBudget } from './checks/file-budget.ts';
import { forbiddenWords } from './checks/forbidden-words.ts';
import { installedPackages } from './checks/installed-packages.ts';
import { lockfile } from './checks/lockfile.ts';
import { packageFiles } from './checks/package-files.ts';
import { publint } from './checks/publint.ts';
import { publishedTypes } from './checks/published-types.ts';
import { roomNames } from './checks/room-names.ts';
import { star } from './checks/star.ts';
import { telemetryNames } from './checks/telemetry-names.ts';
import { toolchain } from './checks/toolchain.ts';

const checks: readonly Check[] = [
  toolchain,
  star,
  dependencies,
  packageFiles,
  roomNames,
  fileBudget,
  forbiddenWords,
  lockfile,
  errorCodes,
  telemetryNames,
  decisionsIndex,
  documentedExports,
  documentationExamples,
  documentationLinks,
  exportsMap,
  publint,
  publishedTypes,
  installedPackages,
];

const selected = process.argv.slice(2);
const unknown = selected.filter((name) => !checks.some((check) => check.name === name));
if (unknown.length > 0) {
  console.error(`No check is called ${unknown.join(', ')}. There are: ${checks.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}

const root = join(import.meta.dirname, '..');
let failed = 0;
for (const check of checks.filter(({ name }) => selected.length === 0 || selected.includes(name))) {
  const startedAt = Date.now();
  const { problems, note } = await check.run(root);
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${check.name} (${seconds} s)${note ? `: ${note}` : ''}`);
  if (problems.length === 0) continue;
  failed++;
  console.log(`     ${check.rule}`);
  for (const problem of problems) console.log(`     - ${problem}`);
}
process.exitCode = failed === 0 ? 0 : 1;
