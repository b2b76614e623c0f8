import type { HostAndPort } from './addresses.ts';
import { waitUntil } from './machine/waiting.ts';
import { askRedis } from './redis-server.ts';

/** How a Redis Cluster divides its keys. */
export const slotCount = 16_384;

/** What one node says of itself and of the cluster. */
export interface NodeState {
  readonly place: HostAndPort;
  readonly role: 'master' | 'replica';
  /**
   * Of a replica, whether it has loaded what its master had. Of a master, whether it sends its replicas what it
   * writes: it only begins when they have said that they have loaded, and what it wrote before would die with it.
   */
  readonly inSync: boolean;
  /** Whether the node sees every slot served. */
  readonly seesAllSlots: boolean;
  /** How many nodes it knows, those that it has only heard of left out. */
  readonly knows: number;
}

/** What each node says; undefined for one that does not answer. */
export function nodeStates(nodes: readonly HostAndPort[]): Promise<readonly (NodeState | undefined)[]> {
  return Promise.all(nodes.map((place) => nodeState(place).catch(() => undefined)));
}

function nodeState(place: HostAndPort): Promise<NodeState> {
  return askRedis(place, async (redis) => {
    const [cluster, replication, nodes] = [
      lines(String(await redis.cluster('INFO'))),
      lines(await redis.info('replication')),
      lines(String(await redis.cluster('NODES'))),
    ];
    const role = replication.includes('role:master') ? 'master' : 'replica';
    return {
      place,
      role,
      inSync: role === 'master' ? feedsReplicas(replication) : replication.includes('master_link_status:up'),
      seesAllSlots: cluster.includes('cluster_state:ok') && cluster.includes(`cluster_slots_ok:${slotCount}`),
      knows: nodes.filter((line) => !line.includes('handshake') && !line.includes('noaddr')).length,
    };
  });
}

function feedsReplicas(replication: readonly string[]): boolean {
  return replication.filter((line) => /^slave\d+:/.test(line)).every((line) => line.includes('state=online'));
}

/** Whether three masters serve every slot, as every living node sees it, with at least that many replicas in sync. */
export function isReady(states: readonly (NodeState | undefined)[], replicas: number): boolean {
  const living = states.filter((state) => state !== undefined);
  const masters = living.filter(({ role }) => role === 'master').length;
  const inSync = living.filter(({ role, inSync }) => role === 'replica' && inSync).length;
  const settled = living.every(({ role, inSync, seesAllSlots }) => seesAllSlots && (role === 'replica' || inSync));
  return settled && masters >= 3 && inSync >= replicas;
}

/** Waits until the cluster serves every slot with at least that many replicas in sync. */
export async function waitUntilReady(
  nodes: readonly HostAndPort[],
  replicas: number,
  signal?: AbortSignal,
  timeoutMs = 60_000,
): Promise<void> {
  let states = await nodeStates(nodes);
  const ready = async (): Promise<boolean> => {
    states = await nodeStates(nodes);
    return isReady(states, replicas);
  };
  if (await waitUntil(ready, { timeoutMs, everyMs: 100, signal })) return;
  const seen = states.map((state, index) => `${nodes[index]!.port}: ${describe(state)}`).join('; ');
  throw new Error(
    `The Redis Cluster does not serve all slots with ${replicas} replicas in sync after ${timeoutMs / 1_000} s: ${seen}.`,
  );
}

function describe(state: NodeState | undefined): string {
  if (state === undefined) return 'does not answer';
  return `${state.role}${state.inSync ? '' : ', not in sync'}${state.seesAllSlots ? '' : ', slots missing'}`;
}

function lines(text: string): readonly string[] {
  return text.split(/\r?\n/).filter((line) => line !== '');
}
