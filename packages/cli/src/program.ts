import { MilongaError, type Recommender } from '@milonga/core';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { describe } from './commands/describe.ts';
import { doctor } from './commands/doctor.ts';
import { explain } from './commands/explain.ts';
import { listModels, promote, rollback } from './commands/models.ts';
import { serve } from './commands/serve.ts';
import { train } from './commands/train.ts';
import { loadRecommender } from './config/load-recommender.ts';
import { type Printer, standardPrinter } from './output/printer.ts';

/** 0: done. 1: the answer is no (an unhealthy wiring, a rejected model). 2: a mistake in the command or configuration. 3: it failed. */
export type ExitCode = 0 | 1 | 2 | 3;

const port = (text: string): number => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
  throw new InvalidArgumentError('It must be a number from 0 to 65535.');
};
const json = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidArgumentError('It must be JSON, such as \'{"customerId":"17850","limit":10}\'.');
  }
};

/** Runs `milonga` with arguments. Never throws: what goes wrong is one sentence on standard error and an exit code. */
export async function run(args: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = 0;
  const program = createProgram((next) => {
    code = next;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return fail(error);
  }
}

function fail(error: unknown): ExitCode {
  if (!MilongaError.isInstance(error)) {
    process.stderr.write(`milonga: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return 3;
  }
  process.stderr.write(`milonga: ${error.code}: ${error.message}\n`);
  for (const issue of error.issues.slice(0, 20))
    process.stderr.write(`  ${issue.path.join('.') || 'input'}: ${issue.message}\n`);
  return /^MILONGA_(CONFIG|DEFINITION|WIRING|ROLE|REQUEST|SCHEMA|PIPELINE_UNKNOWN|MODEL_UNKNOWN|MODEL_VERSION)/.test(
    error.code,
  )
    ? 2
    : 3;
}

function createProgram(exit: (code: ExitCode) => void): Command {
  const program = new Command('milonga')
    .description('Run, inspect and train a recommender described in milonga.config.ts.')
    .option('-c, --config <file>', 'the configuration (default: milonga.config.ts here)')
    .option('--json', 'print results as JSON', false)
    .showHelpAfterError('(milonga --help lists the commands)')
    .exitOverride();
  const printer = (): Printer => standardPrinter(program.opts<{ json: boolean }>().json);
  const config = (): Promise<Recommender> => loadRecommender(program.opts<{ config?: string }>().config);
  addServing(program, config, printer);
  addInspection(program, config, printer, exit);
  addModels(program, config, printer, exit);
  for (const command of program.commands) command.exitOverride();
  return program;
}

type Config = () => Promise<Recommender>;

function addServing(program: Command, config: Config, printer: () => Printer): void {
  program
    .command('dev')
    .description('run every role in this process, embedded')
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on; 0 for any', port, 8080)
    .action(async (options: { host: string; port: number }) => serve(await config(), options, printer()));
  program
    .command('start <role...>')
    .description('run chosen roles in this process, for production')
    .option('--host <host>', 'address to listen on', '0.0.0.0')
    .option('--port <port>', 'port to listen on; 0 for any', port, 8080)
    .action(async (roles: string[], options: { host: string; port: number }) =>
      serve(await config(), { roles, ...options }, printer()),
    );
}

function addInspection(program: Command, config: Config, printer: () => Printer, exit: (code: ExitCode) => void): void {
  program
    .command('doctor')
    .description('check the wiring and create every port, and say in words what is wrong')
    .action(async () => exit((await doctor(await config(), printer())) as ExitCode));
  program
    .command('describe')
    .description('list roles, adapters, events, views, models and pipelines')
    .action(async () => describe(await config(), printer()));
  program
    .command('explain')
    .description('run one request here and say of each candidate what became of it')
    .argument('<pipeline>', 'name of a pipeline')
    .argument('<input>', 'its input as JSON', json)
    .action(async (pipeline: string, input: unknown) => explain(await config(), pipeline, input, printer()));
}

function addModels(program: Command, config: Config, printer: () => Printer, exit: (code: ExitCode) => void): void {
  program
    .command('train')
    .description('train a model now, whatever its schedule says')
    .argument('<model>', 'name of a model')
    .action(async (model: string) => exit((await train(await config(), model, printer())) as ExitCode));
  const models = program.command('models').description('versions of models');
  models
    .command('list')
    .description('every version, its aliases, metrics and verdicts')
    .action(async () => listModels(await config(), printer()));
  models
    .command('promote')
    .description('name a version as candidate for traffic')
    .argument('<model>')
    .argument('<version>')
    .option('--reason <text>', 'for the record', 'promoted by hand')
    .action(async (model: string, version: string, options: { reason: string }) =>
      promote(await config(), model, version, options.reason, printer()),
    );
  models
    .command('rollback')
    .description('go back to an earlier live version')
    .argument('<model>')
    .argument('[version]', 'default: the one before')
    .option('--reason <text>', 'for the record', 'rolled back by hand')
    .action(async (model: string, version: string | undefined, options: { reason: string }) =>
      rollback(await config(), model, version, options.reason, printer()),
    );
  for (const command of models.commands) command.exitOverride();
}
