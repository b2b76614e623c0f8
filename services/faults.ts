import { isDeepStrictEqual } from 'node:util';
import { type HostAndPort, readAddress, type ServiceAddresses, type ServiceName } from './addresses.ts';
import { type PlaceOptions, placeOf, serviceOf } from './catalogue.ts';
import { areComposed } from './compose-addresses.ts';
import { locked } from './lifecycle.ts';
import { killProcess } from './machine/processes.ts';
import { nodeProcess } from './redis-cluster.ts';
import { nodeStates } from './redis-cluster-state.ts';

/** How a service is hurt. */
export interface FaultOptions extends PlaceOptions {
  /** Of a Redis Cluster, the port of the node to kill. @defaultValue a master */
  readonly port?: number;
}

/**
 * Kills a running service as `kill -9` does, for chaos tests; of a Redis Cluster, one master. Returns where the killed
 * process listened. {@link revive} brings it back. A Redis master answers before its replicas have what was written, so
 * the writes of its last milliseconds can be lost with it: that is Redis, not a fault of the client.
 *
 * @example
 * await kill9('kafka');
 * await delay(30_000);
 * await revive('kafka');
 */
export async function kill9(name: ServiceName, options: FaultOptions = {}): Promise<HostAndPort | undefined> {
  refuseComposed(name);
  const { folder } = placeOf(name, options);
  const target = name === 'redis-cluster' ? await clusterNode(options) : undefined;
  const killed = await killProcess(folder, target === undefined ? name : nodeProcess(target));
  if (!killed)
    throw new Error(`${name} does not run, so it cannot be killed. Start it: npm run services -- up ${name}`);
  return target;
}

/**
 * Starts again what was killed of a service, at the same address, and returns when it serves. A master of a Redis
 * Cluster comes back only after its replica has taken over: revived sooner it would be the master again, with nothing
 * in its memory, and the keys it had would be gone from the replica as well.
 */
export function revive<Name extends ServiceName>(
  name: Name,
  options: PlaceOptions = {},
): Promise<ServiceAddresses[Name]> {
  refuseComposed(name);
  return locked(name, options, async () => {
    const before = await readAddress(name, options.folder);
    if (before === undefined) {
      throw new Error(`${name} was not up, so it cannot be revived. Start it: npm run services -- up ${name}`);
    }
    const address = await serviceOf(name).start(placeOf(name, options));
    if (isDeepStrictEqual(address, before)) return address;
    await serviceOf(name).stop(placeOf(name, options));
    throw new Error(`${name} came back elsewhere: its port was taken while it was dead. It is stopped.`);
  });
}

function refuseComposed(name: ServiceName): void {
  if (areComposed())
    throw new Error(`${name} runs in Docker, whose processes are not ours to kill; unset MILONGA_SERVICES_AT.`);
}

async function clusterNode({ port, ...options }: FaultOptions): Promise<HostAndPort> {
  const states = (await nodeStates(await clusterNodes(options))).filter((state) => state !== undefined);
  const wanted = states.find(({ place, role }) => (port === undefined ? role === 'master' : place.port === port));
  if (wanted !== undefined) return wanted.place;
  const which = port === undefined ? 'master' : `node at port ${port}`;
  throw new Error(`The Redis Cluster has no living ${which}; those that answer: ${ports(states)}.`);
}

async function clusterNodes({ folder }: PlaceOptions): Promise<readonly HostAndPort[]> {
  const address = await readAddress('redis-cluster', folder);
  if (address !== undefined) return address.nodes;
  throw new Error('The Redis Cluster is not up. Start it: npm run services -- up redis-cluster');
}

function ports(states: readonly { readonly place: HostAndPort; readonly role: string }[]): string {
  return states.map(({ place, role }) => `${place.port} (${role})`).join(', ') || 'none';
}
