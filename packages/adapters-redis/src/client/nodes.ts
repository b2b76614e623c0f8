import calculateSlot from 'cluster-key-slot';
import type { Cluster, Redis } from 'ioredis';
import type { RedisClient } from '../redis-options.ts';

const CLUSTER_SLOTS = 16_384;
/** A topology that was asked for this recently is not asked for again. */
const REFRESH_PAUSE_MS = 100;

/** Which connection serves a slot, as far as is known now. */
export interface Nodes {
  readonly slots: number;
  slotOf(key: string): number;
  readonly isReady: boolean;
  /** Resolves as soon as commands can be sent; connects when nothing has yet. Whoever waits sets the limit. */
  whenReady(): Promise<void>;
  /** The `attempt`th choice for a slot; `undefined` where no connection is known. */
  find(slot: number, attempt: number): Redis | undefined;
  /** The connection to the node at `host:port`, if there is one. */
  at(address: string): Redis | undefined;
  /** Asks the cluster again who serves what, unless that was done just now. Never rejects. */
  refresh(): Promise<void>;
  /** Every connection that there is. */
  all(): readonly Redis[];
}

export const nodesOf = (client: RedisClient, readFrom: 'master' | 'replica'): Nodes =>
  client.isCluster ? new ClusterNodes(client as Cluster, readFrom) : new SingleNode(client as Redis);

class SingleNode implements Nodes {
  readonly slots = 1;
  readonly isReady = true;
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  slotOf(_key: string): number {
    return 0;
  }
  whenReady(): Promise<void> {
    return Promise.resolve();
  }
  find(): Redis {
    return this.#redis;
  }
  at(): undefined {
    return undefined;
  }
  refresh(): Promise<void> {
    return Promise.resolve();
  }
  all(): readonly Redis[] {
    return [this.#redis];
  }
}

class ClusterNodes implements Nodes {
  readonly slots = CLUSTER_SLOTS;
  readonly #cluster: Cluster;
  readonly #readFrom: 'master' | 'replica';
  readonly #byAddress = new Map<string, Redis>();
  #refreshing: Promise<void> | undefined;
  #refreshedAt = -Infinity;
  #turn = 0;

  constructor(cluster: Cluster, readFrom: 'master' | 'replica') {
    this.#cluster = cluster;
    this.#readFrom = readFrom;
    for (const redis of cluster.nodes()) this.#byAddress.set(addressOf(redis), redis);
    cluster.on('+node', (redis: Redis) => this.#byAddress.set(addressOf(redis), redis));
    cluster.on('-node', (redis: Redis) => {
      const address = addressOf(redis);
      if (this.#byAddress.get(address) === redis) this.#byAddress.delete(address);
    });
  }

  slotOf(key: string): number {
    return calculateSlot(key);
  }

  get isReady(): boolean {
    return this.#cluster.status === 'ready';
  }

  whenReady(): Promise<void> {
    const { status } = this.#cluster;
    // Failures to connect are tried again by the client itself; whoever waits here has a limit.
    if (status === 'wait' || status === 'end') this.#cluster.connect().catch(() => {});
    return new Promise((resolve) => (this.isReady ? resolve() : this.#cluster.once('ready', () => resolve())));
  }

  find(slot: number, attempt: number): Redis | undefined {
    const addresses = this.#cluster.slots[slot];
    if (addresses === undefined || addresses.length === 0) return undefined;
    const replicas = addresses.length - 1;
    if (this.#readFrom === 'master' || replicas === 0) return this.#byAddress.get(addresses[0]!);
    for (let choice = attempt; choice < replicas; choice += 1) {
      const redis = this.#byAddress.get(addresses[1 + ((this.#turn + choice) % replicas)]!);
      if (redis?.status === 'ready' || redis?.status === 'wait') return redis;
    }
    return this.#byAddress.get(addresses[0]!);
  }

  at(address: string): Redis | undefined {
    return this.#byAddress.get(address);
  }

  refresh(): Promise<void> {
    this.#turn += 1;
    if (performance.now() - this.#refreshedAt < REFRESH_PAUSE_MS) return Promise.resolve();
    this.#refreshing ??= new Promise((resolve) => {
      this.#cluster.refreshSlotsCache(() => {
        this.#refreshing = undefined;
        this.#refreshedAt = performance.now();
        resolve();
      });
    });
    return this.#refreshing;
  }

  all(): readonly Redis[] {
    return this.#cluster.nodes();
  }
}

const addressOf = (redis: Redis): string => `${redis.options.host}:${redis.options.port}`;
