/** Starts and stops the real services that the tests, the demo and the benchmarks run on: `npm run services -- --help`. */
import { parseArgs } from 'node:util';
import { serviceNames } from './addresses.ts';
import { chosenServices, serviceOf } from './catalogue.ts';
import { doctor } from './commands/doctor.ts';
import { down } from './commands/down.ts';
import { status } from './commands/status.ts';
import { up } from './commands/up.ts';

const usage = `npm run services -- up|down|status|doctor [name…] [options]

  up       install and start the services that are not up, on loopback and free ports; once is as good as twice
  down     stop them and everything they started
  status   say which are up, and where
  doctor   say what this machine lacks to run each, and how to get it

Services (all of them where no name is given):
${serviceNames.map((name) => `  ${name.padEnd(14)} ${serviceOf(name).what}`).join('\n')}

Options:
  --wait   with up: stay, and stop what was started at Ctrl-C
  --clean  with down: also delete their data and logs (never the installed programs)
  --help   this text

Environment:
  MILONGA_SERVICES_FOLDER   where data, logs and addresses are kept (.milonga/services)
  MILONGA_SERVICES_CACHE    where installed programs are kept (.milonga/services/cache)
  MILONGA_REDIS_SERVER      the redis-server or valkey-server to use
  MILONGA_SERVICES          which of them the tests may start: none, or names with commas between (all)
  MILONGA_SERVICES_AT       compose: use those of services/compose.yaml, started by Docker`;

const commands = { up, down, status, doctor };

const isCommand = (word: string | undefined): word is keyof typeof commands =>
  word !== undefined && Object.hasOwn(commands, word);

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { wait: { type: 'boolean' }, clean: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  const [command, ...names] = positionals;
  if (values.help) {
    console.log(usage);
    return 0;
  }
  if (!isCommand(command)) {
    console.error(command === undefined ? usage : `There is no command ${command}.\n\n${usage}`);
    return 2;
  }
  return commands[command](chosenServices(names), { wait: values.wait === true, clean: values.clean === true });
}

try {
  process.exitCode = await main();
} catch (error) {
  const isUsage = error instanceof RangeError || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS');
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = isUsage ? 2 : 1;
}
