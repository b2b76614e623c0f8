import type { Redis } from 'ioredis';
import type { Command } from '../client/exchange.ts';
import type { Nodes } from '../client/nodes.ts';
import type { RowCacheOptions } from '../redis-options.ts';
import type { Trip } from './redis-online-store.ts';
import { RowCache } from './row-cache.ts';

/** Fetches packed rows, from the cache if there is one, and otherwise by one command for the keys of a slot. */
export class RowReader {
  readonly #nodes: Nodes;
  readonly #cache: RowCache | undefined;

  constructor(nodes: Nodes, cache: Required<RowCacheOptions> | undefined) {
    this.#nodes = nodes;
    this.#cache = cache && new RowCache(nodes, cache);
  }

  /** Packed rows by their keys in Redis, in order. */
  async read(keys: readonly string[], trip: Trip): Promise<readonly (Buffer | undefined)[]> {
    const rows: (Buffer | undefined)[] = new Array(keys.length);
    const cache = this.#cache;
    if (cache === undefined) {
      await this.#fetch(
        keys,
        keys.map((_, at) => at),
        rows,
        trip,
      );
      return rows;
    }
    const missing: number[] = [];
    for (let at = 0; at < keys.length; at += 1) {
      const found = cache.get(keys[at]!);
      if (found === undefined) missing.push(at);
      else rows[at] = found.row;
    }
    if (missing.length === 0) return rows;
    const fill = cache.begin(missing.map((at) => keys[at]!));
    try {
      await this.#fetch(keys, missing, rows, trip, (at, from) => fill.take(keys[at]!, rows[at], from));
    } finally {
      fill.end();
    }
    return rows;
  }

  /** Changes rows: what the cache has of them is forgotten before, and what was read meanwhile after. */
  async changing(keys: readonly string[], change: () => Promise<unknown>): Promise<void> {
    this.#cache?.forget(keys);
    try {
      await change();
    } finally {
      this.#cache?.forget(keys);
    }
  }

  close(): void {
    this.#cache?.close();
  }

  async #fetch(
    keys: readonly string[],
    wanted: readonly number[],
    rows: (Buffer | undefined)[],
    trip: Trip,
    onRow?: (at: number, from: Redis | undefined) => void,
  ): Promise<void> {
    const bySlot = new Map<number, number[]>();
    for (const at of wanted) {
      const slot = this.#nodes.slotOf(keys[at]!);
      const group = bySlot.get(slot);
      if (group === undefined) bySlot.set(slot, [at]);
      else group.push(at);
    }
    const groups = [...bySlot.values()];
    const commands = Array.from(bySlot, ([slot, group]): Command => {
      if (group.length === 1) return { slot, send: (pipeline) => pipeline.getBuffer(keys[group[0]!]!) };
      return { slot, send: (pipeline) => pipeline.mgetBuffer(group.map((at) => keys[at]!)) };
    });
    const replies = await trip(commands, true);
    for (let i = 0; i < groups.length; i += 1) {
      const { value, from } = replies[i]!;
      const group = groups[i]!;
      for (let j = 0; j < group.length; j += 1) {
        const row = (group.length === 1 ? value : (value as (Buffer | null)[])[j]) as Buffer | null;
        rows[group[j]!] = row ?? undefined;
        onRow?.(group[j]!, from);
      }
    }
  }
}
