import type { Redis } from 'ioredis';
import type { Nodes } from './nodes.ts';

const CHANNEL = '__redis__:invalidate';
const RETRY_MS = 1_000;

/** Who hears of changes. */
export interface InvalidationListener {
  readonly onChanged: (keys: readonly string[]) => void;
  /** Changes may have been missed: nothing that was read before can be trusted. */
  readonly onLost: () => void;
}

/**
 * Has each server tell which of the keys that were read over a connection have changed since (`CLIENT TRACKING`). Over
 * RESP2 this takes a second connection to each, which hears the changes.
 */
export class Invalidations {
  readonly #nodes: Nodes;
  readonly #listener: InvalidationListener;
  readonly #trackers = new Map<Redis, Tracker>();
  readonly #followed = new Set<Redis>();
  #isOpen = true;

  constructor(nodes: Nodes, listener: InvalidationListener) {
    this.#nodes = nodes;
    this.#listener = listener;
  }

  /** The connections whose reads are followed, as of now. Begins to follow those that are not yet. */
  follow(): ReadonlySet<Redis> {
    if (!this.#isOpen) return new Set();
    for (const redis of this.#nodes.all()) {
      if (redis.status !== 'ready' || this.#trackers.has(redis)) continue;
      const tracker = new Tracker(redis, {
        onOn: () => this.#followed.add(redis),
        onChanged: this.#listener.onChanged,
        onLost: () => {
          this.#followed.delete(redis);
          this.#listener.onLost();
        },
        onEnd: () => this.#trackers.delete(redis),
      });
      this.#trackers.set(redis, tracker);
    }
    return new Set(this.#followed);
  }

  close(): void {
    this.#isOpen = false;
    for (const tracker of this.#trackers.values()) tracker.close();
  }
}

interface TrackerListener extends InvalidationListener {
  readonly onOn: () => void;
  readonly onEnd: () => void;
}

/** Follows one connection, from now until it or its companion breaks. */
class Tracker {
  readonly #redis: Redis;
  readonly #listener: TrackerListener;
  readonly #companion: Redis;
  readonly #lose = (): void => this.#end(0);
  #isOver = false;

  constructor(redis: Redis, listener: TrackerListener) {
    this.#redis = redis;
    this.#listener = listener;
    this.#companion = redis.duplicate({
      lazyConnect: true,
      retryStrategy: null,
      readOnly: false,
      protocol: 2,
      enableReadyCheck: false,
      // It says nothing while nothing changes.
      socketTimeout: undefined,
    });
    this.#companion.on('error', () => {}); // Its end tells the same.
    this.#companion.once('end', () => this.#end(RETRY_MS));
    this.#companion.on('messageBuffer', (_channel: Buffer, keys: readonly Buffer[] | null) => this.#hear(keys));
    redis.once('close', this.#lose);
    this.#begin().catch(() => this.#end(RETRY_MS));
  }

  async #begin(): Promise<void> {
    await this.#companion.connect();
    const id = await this.#companion.client('ID');
    await this.#companion.subscribe(CHANNEL);
    await this.#redis.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', id);
    if (!this.#isOver) this.#listener.onOn();
  }

  /** Without keys: the whole database was emptied. */
  #hear(keys: readonly Buffer[] | null): void {
    if (Array.isArray(keys)) this.#listener.onChanged(keys.map(String));
    else this.#listener.onLost();
  }

  #end(pauseMs: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#redis.off('close', this.#lose);
    this.#companion.disconnect();
    this.#listener.onLost();
    // Until then the connection counts as known, and its reads are not kept.
    setTimeout(() => this.#listener.onEnd(), pauseMs).unref();
  }

  close(): void {
    if (!this.#isOver && this.#redis.status === 'ready') this.#redis.call('CLIENT', 'TRACKING', 'OFF').catch(() => {});
    this.#isOver = true;
    this.#redis.off('close', this.#lose);
    this.#companion.disconnect();
  }
}
