import type { TestProject } from 'vitest/node';
import { type ServiceName, serviceAddress } from './addresses.ts';
import { releaseServices, type Started, startServices } from './lifecycle.ts';
import { interruptible } from './machine/interruption.ts';
import { allowedServices, neededServices } from './needed-services.ts';
import { describeLacks } from './words.ts';

/** A service that the tests need and that is not up, with the reason. */
interface Skipped {
  readonly name: ServiceName;
  readonly reason: string;
}

/**
 * Before the tests, starts the services that the test files of this run need and names those it could not start, with
 * the reason; with `CI=true` one that is missing is an error. After them, stops those that nobody else uses.
 * `MILONGA_SERVICES=none` or `=kafka,redis` limits what is started.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const needed = await neededServices(await testFiles(project));
  const allowed = allowedServices(process.env.MILONGA_SERVICES);
  const used = needed.filter((name) => allowed.includes(name));
  const say = (line: string): void => console.log(`services: ${line}`);
  const started = await interruptible((signal) => startServices(used, { say, signal }));
  const skipped = [...started.flatMap(reasonOf), ...(await forbidden(needed.filter((name) => !used.includes(name))))];
  for (const { name, reason } of skipped) say(`SKIPPED ${name}, and the tests that need it: ${reason}`);
  const release = async (): Promise<void> => {
    await releaseServices(used, { say });
  };
  if (skipped.length > 0 && process.env.CI === 'true') {
    await release();
    throw new Error(
      `With CI=true every service has to be up; not up: ${skipped.map(({ name }) => name).join(', ')}. ` +
        'What the machine lacks: npm run services -- doctor',
    );
  }
  return release;
}

/** The test files that this run was asked for; all of them, should Vitest one day keep its filters elsewhere. */
async function testFiles(project: TestProject): Promise<readonly string[]> {
  const { filenamePattern } = project.vitest as { readonly filenamePattern?: string[] };
  return (await project.globTestFiles(filenamePattern)).testFiles;
}

function reasonOf(started: Started): readonly Skipped[] {
  if (started.outcome === 'lacking') {
    return [{ name: started.name, reason: `this machine lacks ${describeLacks(started.lacks)}` }];
  }
  return started.outcome === 'failed' ? [{ name: started.name, reason: started.error.message }] : [];
}

/** Those that MILONGA_SERVICES leaves out, unless they are up by someone else's hand. */
async function forbidden(names: readonly ServiceName[]): Promise<readonly Skipped[]> {
  const reason = `MILONGA_SERVICES=${process.env.MILONGA_SERVICES} leaves it out`;
  const addresses = await Promise.all(names.map((name) => serviceAddress(name)));
  return names.filter((_, index) => addresses[index] === undefined).map((name) => ({ name, reason }));
}
