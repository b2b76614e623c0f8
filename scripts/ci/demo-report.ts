/** Reads the report of a short demo run and fails if the recommender did not live: `node scripts/ci/demo-report.ts FILE`. */
import { readFileSync } from 'node:fs';
import type { Report } from '../../examples/online-retail/src/report/report.ts';
import { demoProblems } from './demo-problems.ts';

const file = process.argv[2];
if (file === undefined) throw new Error('Name the report of the demo: `node scripts/ci/demo-report.ts FILE`.');
const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
const problems = demoProblems(report);
for (const problem of problems) console.error(`demo: ${problem}`);
if (problems.length === 0) {
  const { events, requests, quality, wallMs } = report;
  console.log(
    `demo: ${events.accepted} events, ${requests.count} requests, NDCG@20 ${quality.milonga.ndcg20.toFixed(3)} ` +
      `(frequent ${quality.frequent.ndcg20.toFixed(3)}, popular ${quality.popular.ndcg20.toFixed(3)}), ${Math.round(wallMs / 1000)} s`,
  );
}
process.exitCode = problems.length === 0 ? 0 : 1;
