import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { releaseServices, startServices, stopServices } from '../../../../services/lifecycle.ts';
import { describeLacks } from '../../../../services/words.ts';
import type { Stack } from '../../stacks/stack.ts';
import { STACKS } from '../../stacks/stacks.ts';
import { UsageError } from '../arguments.ts';

/** Where the services of a run in `dir` keep their data and addresses. */
export const servicesFolderOf = (dir: string): string => join(dir, 'services');

/** Stops what a run that was killed has left running in `dir`. */
export async function stopLeftServices(dir: string): Promise<void> {
  const folder = servicesFolderOf(dir);
  const names = new Set(Object.values(STACKS).flatMap(({ services }) => services));
  const left = [...names].filter((name) => existsSync(join(folder, name)));
  if (left.length > 0) await stopServices(left, { folder });
}

/**
 * Starts the services of a stack for this run alone, with nothing in them: a replay begins in an empty world.
 *
 * @returns what stops them.
 * @throws UsageError when this machine cannot run one of them, in words.
 */
export async function startStackServices(
  { services }: Stack,
  dir: string,
  { say, signal }: { readonly say: (line: string) => void; readonly signal: AbortSignal },
): Promise<() => Promise<void>> {
  const folder = servicesFolderOf(dir);
  const stop = async (): Promise<void> => void (await releaseServices(services, { folder }));
  try {
    for (const one of await startServices(services, { folder, say, signal })) {
      if (one.outcome === 'lacking')
        throw new UsageError(`${one.name} cannot run here. This machine lacks ${describeLacks(one.lacks)}`);
      if (one.outcome === 'failed') throw new UsageError(`${one.name} did not start: ${one.error.message}`);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}
