import { existsSync, writeFileSync } from 'node:fs';
import { MilongaError } from '@milonga/core';
import recommender from './milonga.config.ts';
import { HELP, parseDemoArguments, UsageError } from './src/arguments.ts';
import { summarise } from './src/report/summary.ts';
import { runDemo } from './src/run-demo.ts';
import type { ReplayTarget } from './src/target/replay-target.ts';

async function main(): Promise<number> {
  const options = parseDemoArguments(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(HELP);
    return 0;
  }
  if (options.data !== undefined && !existsSync(options.data))
    throw new UsageError(`There is no file ${options.data}.`);
  const stopping = new AbortController();
  const onSignal = (): void => {
    if (stopping.signal.aborted) process.exit(130);
    process.stderr.write('\nStopping in order; once more ends it at once.\n');
    stopping.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const { target, report, wasInterrupted, endedAt } = await runDemo(recommender, options, stopping.signal);
  process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  process.stdout.write(summarise(report));
  if (options.report !== undefined) writeFileSync(options.report, `${JSON.stringify(report, undefined, 2)}\n`);
  if (wasInterrupted) {
    await target.stop();
    process.stderr.write(
      `Interrupted at ${new Date(endedAt).toISOString().slice(0, 10)} of the replay; the next run starts again from the beginning.\n`,
    );
    return 130;
  }
  if (!options.exit) await serve(target);
  else await target.stop();
  return 0;
}

async function serve(target: ReplayTarget): Promise<void> {
  process.stdout.write(
    [
      `\nThe recommender is still up at ${target.url}; open it in a browser, or try`,
      `  curl -s ${target.url}/v1/recommend/for-you -H 'content-type: application/json' -d '{"customerId":"17850","limit":5}'`,
      'Ctrl-C ends it.\n',
    ].join('\n'),
  );
  await target.serve();
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof UsageError) process.stderr.write(`${error.message}\n`);
  else if (MilongaError.isInstance(error)) process.stderr.write(`${error.code}: ${error.message}\n`);
  else throw error;
  process.exitCode = 2;
}
