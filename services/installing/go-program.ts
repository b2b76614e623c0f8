import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lack, ServicePlace } from '../service.ts';
import { installFolder, installOnce, isInstalled } from './installation.ts';
import { lacksGo } from './lacks.ts';

/** A program that Go builds from a published module. */
export interface GoProgram {
  /** Its folder in the cache, by name and version. */
  readonly id: string;
  /** The package with its version, as `go install` takes it. */
  readonly module: string;
  /** What `go install` calls the program: the last part of the package's path. */
  readonly builtAs: string;
}

/** Where the built program is. */
export const goProgramPath = (place: Pick<ServicePlace, 'cache'>, { id, builtAs }: GoProgram): string =>
  join(installFolder(place, id), builtAs);

/** Builds the program without C, by the user's own Go settings. */
export function installGoProgram(place: ServicePlace, { id, module, builtAs }: GoProgram): Promise<void> {
  return installOnce(place, id, async (folder, step) => {
    const build = join(folder, 'build');
    const env = { GOBIN: build, CGO_ENABLED: '0' };
    await step('go', ['install', '-trimpath', '-ldflags=-s -w', module], { env });
    await rename(join(build, builtAs), join(folder, builtAs));
  });
}

/** Go, unless the program is built already. */
export async function lacksGoProgram(place: ServicePlace, { id }: GoProgram): Promise<readonly Lack[]> {
  return (await isInstalled(place, id)) ? [] : lacksGo(25);
}
