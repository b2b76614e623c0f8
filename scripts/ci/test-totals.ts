/** Prints the totals of a test run as one plain line: `N passed, N failed`. Fails if no test ran or one failed. */
import { readFileSync } from 'node:fs';
import { totalsLine, type VitestResult } from './totals-line.ts';

const file = process.argv[2];
if (file === undefined) throw new Error('Name the JSON file that vitest wrote: `node scripts/ci/test-totals.ts FILE`.');
const result = JSON.parse(readFileSync(file, 'utf8')) as VitestResult;
console.log(totalsLine(result));
process.exitCode = result.numPassedTests > 0 && result.numFailedTests === 0 ? 0 : 1;
