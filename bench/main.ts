import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type BenchArguments, BenchUsageError, HELP, parseBenchArguments } from './src/arguments.ts';
import { benchmarks, lackOf } from './src/benchmarks.ts';
import { runBenchmarks } from './src/run-benchmarks.ts';
import { summaryOf, tableOf } from './src/table.ts';

const names = [...benchmarks.keys()];

async function main({ isHelp, only, json, quick }: BenchArguments): Promise<void> {
  if (isHelp) {
    process.stdout.write(`${HELP}\nBenchmarks: ${names.join(', ')}\n`);
    return;
  }
  const report = await runBenchmarks(await runnable(only), { quick }, (name) => process.stderr.write(`${name} ...\n`));
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

/** Those that were asked for; or all, without those whose service is not up, which are named. */
async function runnable(only: readonly string[]): Promise<readonly string[]> {
  const able: string[] = [];
  for (const name of only.length > 0 ? only : names) {
    const lack = await lackOf(name);
    if (lack === undefined) able.push(name);
    else if (only.length > 0) throw new BenchUsageError(`${name} cannot be measured: ${lack}`);
    else process.stderr.write(`${name} is left out: ${lack}\n`);
  }
  return able;
}

try {
  await main(parseBenchArguments(process.argv.slice(2), names));
} catch (error) {
  if (!(error instanceof BenchUsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
