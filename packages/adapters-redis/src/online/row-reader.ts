import type { Redis } from 'ioredis';
import type { Command } from '../client/exchange.ts';
import { kindOf } from '../client/failures.ts';
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
    try {
      await this.#fetchGroups(this.#bySlot(keys, wanted), keys, rows, trip, onRow);
    } catch (error) {
      if (!(error instanceof Error && kindOf(error) === 'again')) throw error;
      // Some keys of a slot have moved to another node already, and the others have not: only one by one they are found.
      const alone = wanted.map((at) => ({ slot: this.#nodes.slotOf(keys[at]!), places: [at] }));
      await this.#fetchGroups(alone, keys, rows, trip, onRow);
    }
  }

  #bySlot(keys: readonly string[], wanted: readonly number[]): readonly SlotGroup[] {
    const bySlot = new Map<number, number[]>();
    for (const at of wanted) {
      const slot = this.#nodes.slotOf(keys[at]!);
      const group = bySlot.get(slot);
      if (group === undefined) bySlot.set(slot, [at]);
      else group.push(at);
    }
    return Array.from(bySlot, ([slot, places]) => ({ slot, places }));
  }

  async #fetchGroups(
    groups: readonly SlotGroup[],
    keys: readonly string[],
    rows: (Buffer | undefined)[],
    trip: Trip,
    onRow?: (at: number, from: Redis | undefined) => void,
  ): Promise<void> {
    const commands = groups.map(({ slot, places }): Command => {
      if (places.length === 1) return { slot, send: (pipeline) => pipeline.getBuffer(keys[places[0]!]!) };
      return { slot, send: (pipeline) => pipeline.mgetBuffer(places.map((at) => keys[at]!)) };
    });
    const replies = await trip(commands, true);
    groups.forEach(({ places }, i) => {
      const { value, from } = replies[i]!;
      places.forEach((at, j) => {
        const row = (places.length === 1 ? value : (value as (Buffer | null)[])[j]) as Buffer | null;
        rows[at] = row ?? undefined;
        onRow?.(at, from);
      });
    });
  }
}

/** Places in the ask whose keys lie in one slot. */
interface SlotGroup {
  readonly slot: number;
  readonly places: readonly number[];
}
