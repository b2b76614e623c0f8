import { readAddress, type ServiceAddresses, type ServiceName } from '../../../services/addresses.ts';

/** Where a service of this run was started; it may be down for the moment. */
export async function addressOf<Name extends ServiceName>(
  name: Name,
  servicesFolder: string,
): Promise<ServiceAddresses[Name]> {
  const address = await readAddress(name, servicesFolder);
  if (address === undefined) throw new Error(`${name} was not started in ${servicesFolder}.`);
  return address;
}
