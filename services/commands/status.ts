import { readAddress, serviceAddress } from '../addresses.ts';
import { placeOf, serviceOf } from '../catalogue.ts';
import { areComposed } from '../compose-addresses.ts';
import { runningProcesses } from '../machine/processes.ts';
import type { Command } from './command.ts';

/** Exit code of status where a service is not up. */
const notUpCode = 3;

/** Says which services are up, and where. */
export const status: Command = async (names) => {
  let allUp = true;
  for (const name of names) {
    const place = placeOf(name);
    const alive = areComposed() ? (await serviceAddress(name)) !== undefined : await serviceOf(name).isAlive(place);
    const processes = await runningProcesses(place.folder);
    allUp &&= alive;
    console.log(`${name.padEnd(14)} ${describe(alive, processes, alive ? await readAddress(name) : undefined)}`);
  }
  return allUp ? 0 : notUpCode;
};

function describe(alive: boolean, processes: readonly string[], address: unknown): string {
  if (alive) return `up       ${JSON.stringify(address)}`;
  return processes.length === 0 ? 'down' : `ailing   only these of its processes run: ${processes.join(', ')}`;
}
