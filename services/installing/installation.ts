import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from '../machine/lock.ts';
import { runProgram } from '../machine/programs.ts';
import type { ServicePlace } from '../service.ts';

/** A program's folder in the cache, by name and version. */
export const installFolder = ({ cache }: Pick<ServicePlace, 'cache'>, id: string): string => join(cache, id);

const marker = (folder: string): string => join(folder, 'installed');

/** Whether an installation of that name was finished. */
export async function isInstalled(place: Pick<ServicePlace, 'cache'>, id: string): Promise<boolean> {
  return access(marker(installFolder(place, id))).then(
    () => true,
    () => false,
  );
}

/** Runs a program for an installation. */
export type Step = (
  program: string,
  args: readonly string[],
  options?: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> },
) => Promise<void>;

/**
 * Installs into the cache once, whoever asks and however many at a time; one that was cut short is made anew.
 * The log is `<id>.log` beside the folder.
 */
export async function installOnce(
  place: ServicePlace,
  id: string,
  install: (folder: string, step: Step) => Promise<void>,
): Promise<void> {
  if (await isInstalled(place, id)) return;
  const folder = installFolder(place, id);
  const { signal, say } = place;
  const work = async (): Promise<void> => {
    if (await isInstalled(place, id)) return;
    say(`installing ${id}, once`);
    const startedAt = performance.now();
    const seconds = (): string => `${Math.round((performance.now() - startedAt) / 1_000)} s`;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const onProgress = (): void => say(`installing ${id}: ${seconds()} so far`);
    const step: Step = (program, args, options = {}) =>
      runProgram({ program, args, ...options, log: `${folder}.log`, signal, onProgress });
    await install(folder, step);
    await writeFile(marker(folder), '');
    say(`installed ${id} in ${seconds()}`);
  };
  const onWait = (holder: number): void => say(`waiting for process ${holder}, which installs ${id}`);
  await withLock(`${folder}.lock`, work, { signal, onWait });
}
