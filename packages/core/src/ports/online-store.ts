import { type Port, port } from './port.ts';

/** How long a key lives: milliseconds from the write, or forever for a reason on record. */
export type TimeToLive = { readonly ttlMs: number } | { readonly forever: string };

/** Packed values of one row, one per asked column, in order; `undefined` where the column is absent. */
export type OnlineRow = readonly (Uint8Array | undefined)[];

/** Columns to write into one row, and how long the whole row lives from then on. */
export interface OnlineRowWrite {
  readonly key: string;
  /** Columns to set; the row's other columns stay. */
  readonly columns: Readonly<Record<string, Uint8Array>>;
  /** Replaces the row's time to live. */
  readonly timeToLive: TimeToLive;
}

/** Values to add at the end of one bounded list; the list is made when absent. */
export interface ListAppend {
  readonly key: string;
  /** Oldest first. */
  readonly values: readonly Uint8Array[];
  /** The list keeps its newest `maxLength` values. */
  readonly maxLength: number;
  readonly timeToLive: TimeToLive;
}

/**
 * Values that are read while a request waits.
 *
 * - `readRows` returns one entry per key, in order; `undefined` where the row is absent or expired. One command per key,
 *   however many columns. The returned bytes must not be changed, and may be invalid after the next call: decode or copy.
 * - `writeRows`: each row is atomic; the batch is not. Resolved means visible to the next read of the same client, and
 *   durable as far as the store behind it is. The same key twice in a batch applies in order.
 * - `appendLists`/`readLists`: newest last; `readLists` gives at most the newest `limit`, oldest of them first.
 * - A failure of any key rejects the call (`MILONGA_ONLINE_STORE_UNAVAILABLE`, `MILONGA_ONLINE_STORE_TIMEOUT`); writes
 *   are idempotent, so retry the batch. Appends are not.
 * - Cancelling rejects with `MILONGA_ABORTED`. After close every call rejects with `MILONGA_CLOSED`.
 */
export interface OnlineStore {
  readRows(
    keys: readonly string[],
    columns: readonly string[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly (OnlineRow | undefined)[]>;
  writeRows(rows: readonly OnlineRowWrite[], options?: { readonly signal?: AbortSignal }): Promise<void>;
  deleteRows(keys: readonly string[], options?: { readonly signal?: AbortSignal }): Promise<void>;
  appendLists(lists: readonly ListAppend[], options?: { readonly signal?: AbortSignal }): Promise<void>;
  readLists(
    keys: readonly string[],
    options: { readonly limit: number; readonly signal?: AbortSignal },
  ): Promise<readonly (readonly Uint8Array[])[]>;
  /** Where a key lives, 0 <= slot < `slots`: keys of equal slot share a node. A store on one machine has one slot. */
  placement(key: string): number;
  readonly slots: number;
}
export const OnlineStore: Port<OnlineStore> = port<OnlineStore>('online-store/1');
