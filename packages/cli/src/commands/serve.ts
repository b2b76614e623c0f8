import type { Recommender } from '@milonga/core';
import { bearerToken, runUntilSignal, startRecommender } from '@milonga/service';
import type { Printer } from '../output/printer.ts';

/** How a process is served. */
export interface ServeOptions {
  /** Default: every role. */
  readonly roles?: readonly string[];
  readonly host: string;
  readonly port: number;
}

/**
 * Runs roles until SIGTERM or Ctrl-C, then drains. Requests under /v1 need `Authorization: Bearer <token>` when the
 * environment variable MILONGA_API_TOKENS (comma-separated) is set.
 */
export async function serve(recommender: Recommender, options: ServeOptions, printer: Printer): Promise<void> {
  const tokens = process.env.MILONGA_API_TOKENS?.split(',').filter((token) => token !== '') ?? [];
  const running = await startRecommender(recommender, {
    ...(options.roles === undefined ? {} : { roles: options.roles }),
    http: {
      host: options.host,
      port: options.port,
      ...(tokens.length === 0 ? {} : { authorise: bearerToken(...tokens) }),
    },
  });
  printer.progress(
    `${recommender.name} runs ${[...running.roles.keys()].join(', ')} at ${running.url}; ${running.url}/openapi.json lists what it serves. Ctrl-C stops it.`,
  );
  const signal = await runUntilSignal(running, (name) =>
    printer.progress(`${name}: finishing what is in flight; once more ends it at once.`),
  );
  printer.progress(`Stopped after ${signal}.`);
}
