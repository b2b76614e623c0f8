import { METRICS, measure } from '@milonga/core';
import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import { Invalidations } from '../client/invalidations.ts';
import type { Nodes } from '../client/nodes.ts';
import type { RowCacheOptions } from '../redis-options.ts';
import { expiresAt } from './row-codec.ts';

/** What an entry costs beside its row and key. */
const ENTRY_BYTES = 200;

/** A row, or that there is none. */
interface Entry {
  readonly row: Buffer | undefined;
}

/** A read whose rows may be kept, unless they change before they are here. */
export interface Fill {
  take(key: string, row: Buffer | undefined, from: Redis | undefined): void;
  end(): void;
}

/**
 * Packed rows in this process, kept until the server tells that they changed. A row is kept only when its
 * connection was followed before the read was sent, and no change was told between the sending and the answer: changes come by another
 * connection, so they may overtake it.
 */
export class RowCache {
  readonly #entries: LRUCache<string, Entry>;
  readonly #reading = new Map<string, Fill>();
  readonly #invalidations: Invalidations;

  constructor(nodes: Nodes, { maxBytes, maxAgeMs }: Required<RowCacheOptions>) {
    this.#entries = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ row }, key) => ENTRY_BYTES + key.length * 2 + (row?.length ?? 0),
      ttl: maxAgeMs,
    });
    this.#invalidations = new Invalidations(nodes, {
      onChanged: (keys) => this.forget(keys),
      onLost: () => this.#clear(),
    });
  }

  get(key: string): Entry | undefined {
    const found = this.#entries.get(key);
    const isOver = found?.row !== undefined && expiresAt(found.row) <= Date.now();
    measure(METRICS.onlineCache, 1, { outcome: found === undefined || isOver ? 'miss' : 'hit' });
    return isOver ? undefined : found;
  }

  /** To be called before the read is sent. */
  begin(keys: readonly string[]): Fill {
    const followed = this.#invalidations.follow();
    const fill: Fill = {
      take: (key, row, from) => {
        if (this.#reading.get(key) !== fill || from === undefined || !followed.has(from)) return;
        // What came over the wire is part of a larger buffer, which must not stay for one row of it.
        this.#entries.set(key, { row: row && Buffer.from(row) });
      },
      end: () => {
        for (const key of keys) if (this.#reading.get(key) === fill) this.#reading.delete(key);
      },
    };
    for (const key of keys) this.#reading.set(key, fill);
    return fill;
  }

  forget(keys: readonly string[]): void {
    for (const key of keys) {
      this.#reading.delete(key);
      this.#entries.delete(key);
    }
  }

  #clear(): void {
    this.#reading.clear();
    this.#entries.clear();
  }

  close(): void {
    this.#invalidations.close();
    this.#clear();
  }
}
