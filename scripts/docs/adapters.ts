/**
 * Writes the table of conformance suites in docs/reference/adapters.md anew, from the report of the last test run:
 * `npm test && npm run docs:adapters`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type SuiteCount, suiteCounts, type TestReport } from './suite-counts.ts';

const root = join(import.meta.dirname, '../..');
const page = join(root, 'docs/reference/adapters.md');
const begin = '<!-- suites: npm run docs:adapters -->';
const end = '<!-- end of suites -->';

const report = JSON.parse(readFileSync(join(root, '.turbo/vitest.json'), 'utf8')) as TestReport;
const suites = suiteCounts(report);
const row = ({ adapter, port, passed, skipped, failed }: SuiteCount): string =>
  `| ${adapter} | ${port} | ${passed} | ${skipped === 0 ? '' : skipped} | ${failed === 0 ? '' : failed} |`;
const table = ['| adapter | port | passed | skipped | failed |', '| --- | --- | --- | --- | --- |', ...suites.map(row)];
const text = readFileSync(page, 'utf8');
const from = text.indexOf(begin);
const until = text.indexOf(end);
if (from < 0 || until < from) throw new Error(`${page} lacks the lines "${begin}" and "${end}".`);
writeFileSync(page, `${text.slice(0, from + begin.length)}\n\n${table.join('\n')}\n\n${text.slice(until)}`);
console.log(`docs/reference/adapters.md: ${suites.length} suites`);
