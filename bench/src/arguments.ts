import { parseArgs } from 'node:util';

/** What was asked for on the command line. */
export interface BenchArguments {
  readonly isHelp: boolean;
  readonly quick: boolean;
  /** Names of benchmarks; none means all. */
  readonly only: readonly string[];
  readonly json: string | undefined;
}

/** A mistake on the command line, told to the user in words. */
export class BenchUsageError extends Error {}

export const HELP = `Usage: npm run bench -- [options]

Measures Milonga's hot paths, each beside its limit in the same process.

  --only NAME    runs this benchmark; may be repeated
  --json FILE    writes the results there. Default: bench/results/<time>.json
  --quick        a few rounds only, to see that everything works; the figures mean nothing
  --help         prints this
`;

/** @throws BenchUsageError for options that are not known. */
export function parseBenchArguments(given: readonly string[], known: readonly string[]): BenchArguments {
  const { only = [], json, quick, help } = parsed(given);
  const unknown = only.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new BenchUsageError(`No benchmark is called ${unknown.join(', ')}. There are: ${known.join(', ')}.`);
  return { isHelp: help, quick, only, json };
}

function parsed(given: readonly string[]): { only?: string[]; json?: string; quick: boolean; help: boolean } {
  try {
    const { values } = parseArgs({
      args: [...given],
      options: {
        only: { type: 'string', multiple: true },
        json: { type: 'string' },
        quick: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    throw new BenchUsageError(`${(error as Error).message}\n\n${HELP}`);
  }
}
