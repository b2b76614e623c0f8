/// <reference path="../cluster-key-slot.d.ts" />
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
  /** Whether commands may be sent. */
  readonly isReady: boolean;
  /** Whether there is a connection, as far as is known. */
  readonly isConnected: boolean;
  /** Resolves as soon as commands can be sent, and rejects as soon as an attempt to connect has failed. */
  whenReady(): Promise<void>;
  /** The best choice for a slot after those that were tried; `undefined` where no connection is known. */
  find(slot: number, tried: readonly Redis[]): Redis | undefined;
  /** The connection to the node at `host:port`, if there is one. */
  at(address: string): Redis | undefined;
  /** Asks the cluster again who serves what, unless that was done just now. Never rejects. */
  refresh(): Promise<void>;
  /** Every connection that there is. */
  all(): readonly Redis[];
  /** Stops listening to the client, which goes on. */
  close(): void;
}

export const nodesOf = (client: RedisClient, readFrom: 'master' | 'replica'): Nodes =>
  client.isCluster ? new ClusterNodes(client as Cluster, readFrom) : new SingleNode(client as Redis);

class SingleNode implements Nodes {
  readonly slots = 1;
  /** Commands wait for the connection in the client. */
  readonly isReady = true;
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  slotOf(_key: string): number {
    return 0;
  }
  get isConnected(): boolean {
    return this.#redis.status === 'ready';
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
  close(): void {}
}

class ClusterNodes implements Nodes {
  readonly slots = CLUSTER_SLOTS;
  readonly #cluster: Cluster;
  readonly #readFrom: 'master' | 'replica';
  readonly #byAddress = new Map<string, Redis>();
  #connecting: Promise<void> | undefined;
  #refreshing: Promise<void> | undefined;
  readonly #add = (redis: Redis): void => {
    this.#byAddress.set(addressOf(redis), redis);
  };
  readonly #remove = (redis: Redis): void => {
    const address = addressOf(redis);
    if (this.#byAddress.get(address) === redis) this.#byAddress.delete(address);
  };
  #refreshedAt = -Infinity;
  /** Processes begin with different replicas. */
  #turn = Math.floor(Math.random() * 1_000);

  constructor(cluster: Cluster, readFrom: 'master' | 'replica') {
    this.#cluster = cluster;
    this.#readFrom = readFrom;
    for (const redis of cluster.nodes()) this.#add(redis);
    cluster.on('+node', this.#add);
    cluster.on('-node', this.#remove);
  }

  slotOf(key: string): number {
    return calculateSlot(key);
  }

  get isReady(): boolean {
    return this.#cluster.status === 'ready';
  }

  get isConnected(): boolean {
    return this.isReady;
  }

  whenReady(): Promise<void> {
    const { status } = this.#cluster;
    if (status === 'end') return Promise.reject(new Error('The client of the cluster was closed'));
    if (status === 'wait') this.#cluster.connect().catch(() => {}); // Its events tell.
    this.#connecting ??= new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        this.#connecting = undefined;
        this.#cluster.off('ready', isReady);
        this.#cluster.off('close', hasFailed);
        act();
      };
      const isReady = (): void => settle(resolve);
      // The client tries again; those who wait are told now, so that they do not pile up.
      const hasFailed = (): void => settle(() => reject(new Error('No node of the cluster could be reached')));
      this.#cluster.on('ready', isReady);
      this.#cluster.on('close', hasFailed);
    });
    return this.#connecting;
  }

  find(slot: number, tried: readonly Redis[]): Redis | undefined {
    const addresses = this.#cluster.slots[slot];
    if (addresses === undefined || addresses.length === 0) return undefined;
    const replicas = this.#readFrom === 'master' ? 0 : addresses.length - 1;
    for (let choice = 0; choice < replicas; choice += 1) {
      const redis = this.#byAddress.get(addresses[1 + ((this.#turn + choice) % replicas)]!);
      if (redis !== undefined && isUsable(redis) && !tried.includes(redis)) return redis;
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

  close(): void {
    this.#cluster.off('+node', this.#add);
    this.#cluster.off('-node', this.#remove);
  }
}

const isUsable = ({ status }: Redis): boolean => status !== 'close' && status !== 'reconnecting' && status !== 'end';
const addressOf = (redis: Redis): string => `${redis.options.host}:${redis.options.port}`;
