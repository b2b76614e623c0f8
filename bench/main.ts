import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type BenchArguments, BenchUsageError, HELP, parseBenchArguments } from './src/arguments.ts';
import { benchmarks } from './src/benchmarks.ts';
import { runBenchmarks } from './src/run-benchmarks.ts';
import { summaryOf, tableOf } from './src/table.ts';

const names = [...benchmarks.keys()];

async function main({ isHelp, only, json, quick }: BenchArguments): Promise<void> {
  if (isHelp) {
    process.stdout.write(`${HELP}\nBenchmarks: ${names.join(', ')}\n`);
    return;
  }
  const report = await runBenchmarks(only.length > 0 ? only : names, { quick }, (name) =>
    process.stderr.write(`${name} ...\n`),
  );
  const { node, processor, cores } = report.machine;
  process.stdout.write(
    `\nNode ${node}, ${cores} x ${processor}${quick ? '; QUICK: the figures mean nothing' : ''}\n\n`,
  );
  process.stdout.write(`${tableOf(report.results)}\n${quick ? '' : summaryOf(report.results)}`);
  const file = json ?? join(import.meta.dirname, 'results', `${report.startedAt.replaceAll(':', '-')}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
  process.stdout.write(`Written to ${file}\n`);
}

try {
  await main(parseBenchArguments(process.argv.slice(2), names));
} catch (error) {
  if (!(error instanceof BenchUsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
