import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { areComposed, composeAddresses } from './compose-addresses.ts';

/** Where a client finds one host and port. */
export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** The address of each service, by its name, in the form that the service's client asks for. */
export interface ServiceAddresses {
  /** `host:port` of each broker. */
  readonly kafka: { readonly brokers: readonly string[] };
  readonly redis: HostAndPort;
  /** Every node, masters first as the cluster was made; roles move at a failover. */
  readonly 'redis-cluster': { readonly nodes: readonly HostAndPort[] };
  readonly bigtable: HostAndPort;
  readonly pubsub: HostAndPort;
  /** `http://host:port`, the `apiEndpoint` of the storage client. */
  readonly gcs: { readonly endpoint: string };
  /** `http://host:port` of the REST interface, and `host:port` of the Storage Read and Write interface. */
  readonly bigquery: { readonly endpoint: string; readonly grpc?: string };
  /** `http://host:port` of the interface by which a `ConnectionProxy` makes proxies. */
  readonly toxiproxy: { readonly endpoint: string };
}

/** The name of a service that `npm run services` knows. */
export type ServiceName = keyof ServiceAddresses;

/** Every service's name, in the order in which they are started and shown: the lightest first. */
export const serviceNames: readonly ServiceName[] = [
  'redis',
  'redis-cluster',
  'toxiproxy',
  'kafka',
  'gcs',
  'bigtable',
  'pubsub',
  'bigquery',
];

/** The folder that holds each running service's data, logs and address: `.milonga/services` in the repository. */
export function servicesFolder(): string {
  return process.env.MILONGA_SERVICES_FOLDER ?? join(import.meta.dirname, '..', '.milonga', 'services');
}

/** How long a port has to take a connection before the service counts as absent. */
const connectTimeoutMs = 1_000;

/**
 * Where a running service is found, or undefined where it is not up: it was never started, or its port does not answer.
 *
 * @example
 * const redis = await serviceAddress('redis');
 * if (redis !== undefined) connectTo(redis.host, redis.port);
 */
export async function serviceAddress<Name extends ServiceName>(
  name: Name,
  folder: string = servicesFolder(),
): Promise<ServiceAddresses[Name] | undefined> {
  const address = await readAddress(name, folder);
  if (address === undefined) return undefined;
  const answers = await Promise.all(hostsAndPorts(name, address).map((place) => portAnswers(place)));
  // One lost node of a cluster is no lost cluster; of a service with one process, one port is all there is.
  const up = name === 'redis-cluster' ? answers.some(Boolean) : answers.every(Boolean);
  return up ? address : undefined;
}

/** The address that the service's last start wrote, or that Docker gives it, whether it runs or not. */
export async function readAddress<Name extends ServiceName>(
  name: Name,
  folder: string = servicesFolder(),
): Promise<ServiceAddresses[Name] | undefined> {
  if (areComposed()) return composeAddresses[name];
  try {
    return JSON.parse(await readFile(join(folder, name, 'address.json'), 'utf8')) as ServiceAddresses[Name];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Every place that a service listens on. */
export function hostsAndPorts<Name extends ServiceName>(
  name: Name,
  address: ServiceAddresses[Name],
): readonly HostAndPort[] {
  const { brokers, nodes, endpoint, grpc, host, port } = address as {
    brokers?: string[];
    nodes?: HostAndPort[];
    endpoint?: string;
    grpc?: string;
    host?: string;
    port?: number;
  };
  const texts = [
    ...(brokers ?? []),
    ...(endpoint === undefined ? [] : [endpoint]),
    ...(grpc === undefined ? [] : [grpc]),
  ];
  const places = [...texts.map(fromText), ...(nodes ?? [])];
  if (host !== undefined && port !== undefined) places.push({ host, port });
  if (places.length === 0)
    throw new Error(`The address of ${name} names no host and port: ${JSON.stringify(address)}.`);
  return places;
}

/** Whether something takes a TCP connection at that place. */
export function portAnswers({ host, port }: HostAndPort, timeoutMs: number = connectTimeoutMs): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const finish = (answers: boolean): void => {
      socket.destroy();
      resolve(answers);
    };
    socket.setTimeout(timeoutMs, () => finish(false));
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
  });
}

function fromText(text: string): HostAndPort {
  const url = new URL(text.includes('://') ? text : `tcp://${text}`);
  return { host: url.hostname, port: Number(url.port) };
}
