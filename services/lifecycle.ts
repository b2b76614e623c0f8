import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readAddress, type ServiceAddresses, type ServiceName, serviceAddress, servicesFolder } from './addresses.ts';
import { type PlaceOptions, placeOf, serviceOf } from './catalogue.ts';
import { areComposed, composeAdvice } from './compose-addresses.ts';
import { withLock } from './machine/lock.ts';
import type { Lack } from './service.ts';
import { addUser, hasUsers, removeAllUsers, removeUser } from './users.ts';

/** What came of asking a service to be up. */
export type Started =
  | {
      readonly name: ServiceName;
      readonly outcome: 'started' | 'was up';
      readonly address: ServiceAddresses[ServiceName];
    }
  | { readonly name: ServiceName; readonly outcome: 'lacking'; readonly lacks: readonly Lack[] }
  | { readonly name: ServiceName; readonly outcome: 'failed'; readonly error: Error };

/** How services are started. */
export interface StartOptions extends PlaceOptions {
  /**
   * Whether they stay up until someone stops them. Otherwise they are this process's to use, and
   * {@link releaseServices} stops them when the last of their users has gone. @defaultValue false
   */
  readonly kept?: boolean;
}

/**
 * Installs and starts the services that are not up, one after the other. One that the machine cannot start is told
 * with the reason and does not hold the others up.
 *
 * @example
 * const [redis] = await startServices(['redis'], { say: console.log });
 */
export async function startServices(
  names: readonly ServiceName[],
  options: StartOptions = {},
): Promise<readonly Started[]> {
  const started: Started[] = [];
  for (const name of names) started.push(await startService(name, options));
  return started;
}

/** Installs and starts one service, unless it is up; what a failed or interrupted start left is stopped. */
export function startService(name: ServiceName, options: StartOptions = {}): Promise<Started> {
  if (areComposed()) return composedService(name);
  const place = placeOf(name, options);
  const service = serviceOf(name);
  const work = async (): Promise<Started> => {
    if (await service.isAlive(place)) {
      await addUser(name, options.kept === true, options.folder);
      return { name, outcome: 'was up', address: (await readAddress(name, options.folder))! };
    }
    const lacks = await service.lacks(place);
    if (lacks.length > 0) return { name, outcome: 'lacking', lacks };
    try {
      await service.install(place);
      place.say('starting');
      const startedAt = performance.now();
      const address = await service.start(place);
      await writeAddress(place.folder, address);
      await addUser(name, options.kept === true, options.folder);
      place.say(`up in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s: ${JSON.stringify(address)}`);
      return { name, outcome: 'started', address };
    } catch (error) {
      await service.stop(place);
      place.signal.throwIfAborted();
      return { name, outcome: 'failed', error: error instanceof Error ? error : new Error(String(error)) };
    }
  };
  return locked(name, options, work);
}

/** Docker's service is Docker's to start: it is up, or the answer says how. */
async function composedService(name: ServiceName): Promise<Started> {
  const address = await serviceAddress(name);
  if (address !== undefined) return { name, outcome: 'was up', address };
  return { name, outcome: 'failed', error: new Error(`It does not answer. Start it: ${composeAdvice(name)}`) };
}

/** What {@link stopServices} does beyond stopping. */
export interface StopOptions extends PlaceOptions {
  /** Also delete what the services kept: data, logs and ports, never the installed programs. */
  readonly clean?: boolean;
}

/** Stops the services that run and returns the names of those that ran. */
export async function stopServices(
  names: readonly ServiceName[],
  options: StopOptions = {},
): Promise<readonly ServiceName[]> {
  const stopped = await Promise.all(names.map((name) => locked(name, options, () => stopLocked(name, options))));
  return names.filter((_, index) => stopped[index]);
}

/** Ends this process's use of the services, and stops those that nobody else uses; returns what was stopped. */
export async function releaseServices(
  names: readonly ServiceName[],
  options: PlaceOptions = {},
): Promise<readonly ServiceName[]> {
  const stopped: ServiceName[] = [];
  if (areComposed()) return stopped;
  for (const name of names) {
    await locked(name, options, async () => {
      await removeUser(name, options.folder);
      if (!(await hasUsers(name, options.folder)) && (await stopLocked(name, options))) stopped.push(name);
    });
  }
  return stopped;
}

async function stopLocked(name: ServiceName, options: StopOptions): Promise<boolean> {
  const place = placeOf(name, options);
  const wasUp = await serviceOf(name).isAlive(place);
  await serviceOf(name).stop(place);
  await removeAllUsers(name, options.folder);
  await rm(join(place.folder, 'address.json'), { force: true });
  if (options.clean === true) await rm(place.folder, { recursive: true, force: true });
  if (wasUp) place.say('stopped');
  return wasUp;
}

/** Runs the work while nobody else starts or stops that service. */
export function locked<Result>(name: ServiceName, options: PlaceOptions, work: () => Promise<Result>): Promise<Result> {
  const { say, signal } = placeOf(name, options);
  const onWait = (holder: number): void => say(`waiting for process ${holder}, which starts or stops it`);
  return withLock(join(options.folder ?? servicesFolder(), `${name}.lock`), work, { signal, onWait });
}

async function writeAddress(folder: string, address: unknown): Promise<void> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'address.json');
  await writeFile(`${path}.new`, `${JSON.stringify(address, undefined, 2)}\n`);
  await rename(`${path}.new`, path);
}
