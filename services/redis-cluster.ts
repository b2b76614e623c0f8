import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type HostAndPort, readAddress } from './addresses.ts';
import { freePorts, isFree, loopback } from './machine/ports.ts';
import { logTail, runningProcess, runningProcesses, startProcess, stopProcess } from './machine/processes.ts';
import { waitUntil } from './machine/waiting.ts';
import { nodeStates, slotCount, waitUntilReady } from './redis-cluster-state.ts';
import {
  askRedis,
  installRedisServer,
  lacksRedisServer,
  memoryOnly,
  redisAnswers,
  redisServer,
} from './redis-server.ts';
import type { Service, ServicePlace } from './service.ts';

const nodeCount = 6;
const masterCount = 3;
const replicaCount = nodeCount - masterCount;

/** How long a node may be silent before its replica takes over. */
const nodeTimeoutMs = 2_000;

/** How long a replica may take to become a master before its dead master counts as lost for good. */
const failoverTimeoutMs = 30_000;

/** A node's other port, on which the cluster talks among itself. */
const busOffset = 10_000;

/** The name of a node's process: its pid file and its log are called so. */
export const nodeProcess = ({ port }: HostAndPort): string => `node-${port}`;

/** A Redis (or Valkey) Cluster of three masters and three replicas, in memory. */
export const redisCluster: Service<'redis-cluster'> = {
  name: 'redis-cluster',
  what: 'a Redis (or Valkey) Cluster of 3 masters and 3 replicas, in memory',
  lacks: lacksRedisServer,
  install: installRedisServer,
  start: async (place) => {
    const address = await readAddress('redis-cluster', join(place.folder, '..'));
    const running = await runningProcesses(place.folder);
    const nodes = running.length > 0 && address !== undefined ? address.nodes : await freshNodes(place);
    // A dead master that came back before its replica takes over would be the master again, with nothing in its
    // memory, and the replica would lose the keys as well.
    if (await isFormed(place)) await waitUntilReady(nodes, 0, place.signal, failoverTimeoutMs);
    for (const node of nodes) await startNode(place, node);
    if (!(await isFormed(place))) await form(place, nodes);
    await waitUntilReady(nodes, replicaCount, place.signal);
    return { nodes };
  },
  stop: async ({ folder }) => {
    await Promise.all((await runningProcesses(folder)).map((name) => stopProcess(folder, name)));
  },
  isAlive: async ({ folder }) => {
    const address = await readAddress('redis-cluster', join(folder, '..'));
    if (address === undefined || (await runningProcesses(folder)).length < nodeCount) return false;
    return (await nodeStates(address.nodes)).every((state) => state?.seesAllSlots === true);
  },
};

/** New nodes, at the ports of the last ones where they are free: with nothing on disk, an old cluster has no keys. */
async function freshNodes({ folder }: ServicePlace): Promise<readonly HostAndPort[]> {
  await redisCluster.stop({ folder } as ServicePlace);
  const kept = Number(await readFile(join(folder, 'base-port'), 'utf8').catch(() => Number.NaN));
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const numbers = Array.from({ length: nodeCount }, (_, index) => index);
  const wanted = numbers.flatMap((index) => [kept + index, kept + index + busOffset]);
  const again = Number.isInteger(kept) && (await Promise.all(wanted.map(isFree))).every(Boolean);
  const base = again ? kept : await freePorts(nodeCount, [0, busOffset]);
  await writeFile(join(folder, 'base-port'), String(base));
  return numbers.map((index) => ({ host: loopback, port: base + index }));
}

/** Starts one node where it does not run; it keeps its folder, so that a revived node comes back as what it was. */
export async function startNode(place: ServicePlace, node: HostAndPort): Promise<void> {
  const { folder, signal } = place;
  const name = nodeProcess(node);
  if ((await runningProcess(folder, name)) !== undefined) return;
  const own = join(folder, name);
  await mkdir(own, { recursive: true });
  const cluster = {
    'cluster-enabled': 'yes',
    'cluster-config-file': 'nodes.conf',
    'cluster-node-timeout': nodeTimeoutMs,
    'cluster-replica-validity-factor': 0,
    'cluster-require-full-coverage': 'no',
    'repl-diskless-sync': 'yes',
    'repl-diskless-sync-delay': 0,
    'repl-ping-replica-period': 1,
  };
  const settings = Object.entries(cluster).flatMap(([setting, value]) => [`--${setting}`, String(value)]);
  const args = ['--port', String(node.port), '--bind', loopback, '--dir', own, ...memoryOnly, ...settings];
  await startProcess(folder, name, { program: await redisServer(place), args });
  const answers = async (): Promise<boolean> => {
    if ((await runningProcess(folder, name)) === undefined) throw await nodeFailure(folder, name, 'ended at once');
    return redisAnswers(node);
  };
  const served = await waitUntil(answers, { timeoutMs: 20_000, signal });
  if (!served) throw await nodeFailure(folder, name, 'does not answer');
}

async function nodeFailure(folder: string, name: string, what: string): Promise<Error> {
  return new Error(`redis-cluster: ${name} ${what}. The end of its log:\n${await logTail(folder, name)}`);
}

/** What `redis-cli --cluster create` does: slots to the masters, the nodes introduced, a replica to each master. */
async function form(place: ServicePlace, nodes: readonly HostAndPort[]): Promise<void> {
  const masters = nodes.slice(0, masterCount);
  for (const [index, node] of nodes.entries()) {
    await askRedis(node, async (redis) => {
      await redis.cluster('SET-CONFIG-EPOCH', index + 1);
      if (index < masterCount) await redis.cluster('ADDSLOTS', ...slotsOf(index));
    });
  }
  await askRedis(nodes[0]!, async (redis) => {
    for (const node of nodes.slice(1)) await redis.cluster('MEET', node.host, node.port);
  });
  const acquainted = async (): Promise<boolean> =>
    (await nodeStates(nodes)).every((state) => state?.knows === nodeCount && state.seesAllSlots);
  if (!(await waitUntil(acquainted, { timeoutMs: 30_000, everyMs: 100, signal: place.signal }))) {
    throw new Error('The nodes of the Redis Cluster do not get to know each other within 30 s.');
  }
  for (const [index, master] of masters.entries()) {
    const id = await askRedis(master, async (redis) => String(await redis.cluster('MYID')));
    await askRedis(nodes[masterCount + index]!, (redis) => redis.cluster('REPLICATE', id));
  }
  await writeFile(join(place.folder, 'formed'), '');
}

function isFormed({ folder }: ServicePlace): Promise<boolean> {
  return readFile(join(folder, 'formed')).then(
    () => true,
    () => false,
  );
}

function slotsOf(master: number): number[] {
  const from = Math.floor((master * slotCount) / masterCount);
  const until = Math.floor(((master + 1) * slotCount) / masterCount);
  return Array.from({ length: until - from }, (_, index) => from + index);
}
