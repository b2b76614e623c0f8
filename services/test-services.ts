import type { ServiceAddresses, ServiceName } from './addresses.ts';
import { serviceAddress } from './addresses.ts';

/**
 * The address of a service that a suite needs. Where it is not up, the suite is skipped and the reason printed; with
 * `CI=true` that is an error, for a skipped suite proves nothing.
 *
 * @example
 * const address = await requireService('redis');
 * describe.skipIf(address === undefined)('the online store on Redis', () => { … });
 */
export async function requireService<Name extends ServiceName>(
  name: Name,
): Promise<ServiceAddresses[Name] | undefined> {
  const address = await serviceAddress(name);
  if (address !== undefined) return address;
  const reason = `${name} is not up, so the tests that need it did not run. Start it: npm run services -- up ${name}`;
  if (process.env.CI === 'true') throw new Error(`${reason} (with CI=true this is a failure).`);
  console.warn(`skipped: ${reason}`);
  return undefined;
}
