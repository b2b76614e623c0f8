import { join } from 'node:path';
import { hostsAndPorts, portAnswers, readAddress, type ServiceAddresses, type ServiceName } from './addresses.ts';
import { portsOf } from './machine/ports.ts';
import { type Launch, logTail, runningProcess, startProcess, stopProcess } from './machine/processes.ts';
import { waitUntil } from './machine/waiting.ts';
import type { Service, ServicePlace } from './service.ts';

/** A service that is one process. */
export interface ProcessService<Name extends ServiceName, Port extends string>
  extends Pick<Service<Name>, 'name' | 'what' | 'lacks' | 'install'> {
  /** The names of the ports it listens on. */
  readonly ports: readonly Port[];
  /** What to start, once installed. */
  launch(place: ServicePlace, ports: Record<Port, number>): Promise<Launch>;
  address(ports: Record<Port, number>): ServiceAddresses[Name];
  /** Whether it serves, once all its ports answer; where left out, the ports' answers are enough. */
  serves?(place: ServicePlace, address: ServiceAddresses[Name]): Promise<boolean>;
  /** How long a start may take. @defaultValue 60_000 */
  readonly startTimeoutMs?: number;
}

/** A service of one process, with its process kept, its ports chosen and its health waited for. */
export function processService<Name extends ServiceName, Port extends string>(
  definition: ProcessService<Name, Port>,
): Service<Name> {
  const { name, what } = definition;
  const answers = async (address: ServiceAddresses[Name]): Promise<boolean> =>
    (await Promise.all(hostsAndPorts(name, address).map((place) => portAnswers(place)))).every(Boolean);
  const isAlive = async ({ folder }: ServicePlace): Promise<boolean> => {
    if ((await runningProcess(folder, name)) === undefined) return false;
    const address = await readAddress(name, join(folder, '..'));
    return address !== undefined && (await answers(address));
  };
  const start = async (place: ServicePlace): Promise<ServiceAddresses[Name]> => {
    await stopProcess(place.folder, name);
    const ports = (await portsOf(place.folder, definition.ports)) as Record<Port, number>;
    const address = definition.address(ports);
    await startProcess(place.folder, name, await definition.launch(place, ports));
    const up = async (): Promise<boolean> => {
      if ((await runningProcess(place.folder, name)) === undefined) throw await failure(place, name, 'ended at once');
      return (await answers(address)) && (definition.serves === undefined || definition.serves(place, address));
    };
    const timeoutMs = definition.startTimeoutMs ?? 60_000;
    const served = await waitUntil(up, { timeoutMs, signal: place.signal });
    if (!served) throw await failure(place, name, `does not serve after ${timeoutMs / 1_000} s`);
    return address;
  };
  const { lacks, install } = definition;
  return { name, what, lacks, install, start, stop: ({ folder }) => stopProcess(folder, name), isAlive };
}

async function failure({ folder }: ServicePlace, name: string, what: string): Promise<Error> {
  return new Error(`${name} ${what}. The end of its log:\n${await logTail(folder, name)}`);
}
