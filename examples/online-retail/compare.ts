/** `node examples/online-retail/compare.ts DIR DIR`: holds the records of two runs (`--record DIR`) against each other. */
import { compareRecords } from './src/compare/compare-records.ts';

const [left, right] = process.argv.slice(2);
if (left === undefined || right === undefined) {
  process.stderr.write('Name two folders that runs with --record have written.\n');
  process.exit(2);
}
const comparisons = await compareRecords(left, right);
for (const { file, same, different, degraded, missing, examples } of comparisons) {
  const labelled = degraded === 0 ? '' : `, ${degraded} labelled as answered with a part missing`;
  process.stdout.write(
    `${file}: ${same} the same, ${different} different${labelled}, ${missing} in one of them only\n`,
  );
  for (const example of examples) process.stdout.write(`  ${example}\n`);
}
process.exitCode = comparisons.every(({ same, different, missing }) => same > 0 && different === 0 && missing === 0)
  ? 0
  : 1;
