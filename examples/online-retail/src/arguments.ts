import { parseArgs } from 'node:util';
import { STACKS } from '../stacks/stacks.ts';

/** What the demo was asked to do. */
export interface DemoArguments {
  /** CSV file of Online Retail II, gzipped or not; absent: the simulated shop. */
  readonly data: string | undefined;
  /** Where to write the report as JSON. */
  readonly report: string | undefined;
  /** End when the summary is printed, instead of serving. */
  readonly exit: boolean;
  /** First moment whose invoices are evaluated, Unix ms; absent: the source's own. */
  readonly evaluateFrom: number | undefined;
  /** Events from this moment on are not replayed, Unix ms. */
  readonly until: number;
  readonly port: number;
  /** Folder for every slate and feature, to be compared with another run's; absent: none is written down. */
  readonly record: string | undefined;
  /** How often each process is killed with SIGKILL on the way. */
  readonly kills: number;
  /** What the recommender stands on. */
  readonly stack: string;
  /** Where the recommender keeps its state. */
  readonly dir: string;
}

/** The text of `--help`. */
export const HELP = `npm run demo -- [options]

Runs a whole recommender on this machine: events are replayed in event time at full speed, land in the lake, become
features; models train every 30 event-days, pass their gates and go live while requests run; every slate is held against
what was then bought.

  --data FILE            Online Retail II (events.csv.gz); without it, a simulated shop with known tastes
  --exit                 end after the summary instead of serving
  --report FILE          write the figures as JSON
  --record DIR           write down every evaluated slate, and every feature at the end
  --evaluate-from DATE   first day whose invoices are evaluated (2011-09-01 for the file)
  --until DATE           stop the replay here
  --port N               port of the server (default 8080, or any free one when taken)
  --dir DIR              state of the recommender (default .milonga/online-retail)
  --stack NAME           what it stands on:
${Object.entries(STACKS)
  .map(([name, { what }]) => `                           ${name.padEnd(10)} ${what}\n`)
  .join(
    '',
  )}  --kills N              kill every process of the stack N times on the way, and once each service that keeps its data
  --help                 this text
`;

/** A mistake of the user's: shown as one sentence, without a stack. */
export class UsageError extends Error {}

/** @returns `undefined` when help was asked for. @throws UsageError */
export function parseDemoArguments(args: readonly string[]): DemoArguments | undefined {
  const options = {
    data: { type: 'string' },
    report: { type: 'string' },
    record: { type: 'string' },
    exit: { type: 'boolean', default: false },
    port: { type: 'string', default: '8080' },
    'evaluate-from': { type: 'string' },
    until: { type: 'string' },
    help: { type: 'boolean', default: false },
    dir: { type: 'string', default: '.milonga/online-retail' },
    stack: { type: 'string', default: 'embedded' },
    kills: { type: 'string', default: '0' },
  } as const;
  let values: ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];
  try {
    values = parseArgs({ args: [...args], options, strict: true }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message} See --help.`);
  }
  if (values.help) return undefined;
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`--port takes a number from 0 to 65535; found "${values.port}".`);
  if (STACKS[values.stack] === undefined)
    throw new UsageError(`--stack takes one of ${Object.keys(STACKS).join(', ')}; found "${values.stack}".`);
  return {
    data: values.data,
    stack: values.stack,
    kills: countOf('--kills', values.kills),
    report: values.report,
    record: values.record,
    exit: values.exit,
    port,
    dir: values.dir,
    until: dateOf('--until', values.until) ?? Number.POSITIVE_INFINITY,
    evaluateFrom: dateOf('--evaluate-from', values['evaluate-from']),
  };
}

function dateOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new UsageError(`${option} takes a date such as 2011-09-01; found "${text}".`);
  return at;
}

function countOf(option: string, text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 0)
    throw new UsageError(`${option} takes a whole number from 0; found "${text}".`);
  return count;
}
