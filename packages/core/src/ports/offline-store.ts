import { type Port, port } from './port.ts';

/** One value of a wide row. */
export interface Cell {
  readonly family: string;
  readonly qualifier: Uint8Array;
  readonly value: Uint8Array;
  /** Cell timestamp, Unix ms; TTLs count from it. A store that keeps no fractions refuses a time that has one. */
  readonly at: number;
}

/** A row: its cells in order of family, then of the bytes of the qualifier. One version per cell. */
export interface WideRow {
  readonly key: Uint8Array;
  readonly cells: readonly Cell[];
}

/** A table and its column families. */
export interface WideTable {
  readonly name: string;
  /** `ttlMs` from the cell's timestamp, by the `Clock`; `undefined` keeps cells, and `reason` says why that is bounded. */
  readonly families: Readonly<Record<string, { readonly ttlMs: number } | { readonly reason: string }>>;
}

/** All changes of one row; they happen together or not at all. */
export interface RowMutation {
  readonly key: Uint8Array;
  readonly set?: readonly Cell[];
  readonly delete?: readonly { readonly family: string; readonly qualifier: Uint8Array }[];
  /** Deletes every cell before `set` is applied. */
  readonly deleteRow?: boolean;
  /** Applied only when the cell has exactly this value now; `undefined` means that the cell must be absent. */
  readonly onlyIf?: {
    readonly family: string;
    readonly qualifier: Uint8Array;
    readonly equals: Uint8Array | undefined;
  };
}

/** What became of one mutation of a `mutateRows`: one for each, in order. */
export type MutationOutcome =
  /** Durable. */
  | { readonly status: 'applied' }
  /** The condition did not hold; nothing was changed. */
  | { readonly status: 'rejected' }
  | { readonly status: 'failed'; readonly error: Error; readonly isRetryable: boolean };

/** Which rows of a table to scan, in byte order of their keys, and how much of each. */
export interface ScanRange {
  /** First key, inclusive. Default: the first of the table. */
  readonly start?: Uint8Array;
  /** Last key, exclusive. Default: after the last. */
  readonly end?: Uint8Array;
  /** Only cells of these; a row without any is left out. Default: all families. */
  readonly families?: readonly string[];
  /** Rows in all. Default: no limit. */
  readonly limit?: number;
}

/**
 * Wide rows in byte order of their keys: pre-aggregated history.
 *
 * - `readRows` returns one entry per key, in order, `undefined` where the row does not exist or has no cell in the asked
 *   families. The same key twice gives the same row twice.
 * - `mutateRows` returns one outcome per mutation, in order; each row is atomic, the batch is not. Two mutations of one
 *   row in one batch apply in order. `applied` means durable.
 * - A cell past its family's TTL is never returned.
 * - `scanRows` streams rows in ascending key order, in batches; rows written during the scan may or may not appear.
 * - A throw (`MILONGA_OFFLINE_STORE_UNAVAILABLE`, `MILONGA_STORAGE_FULL`) means that no outcome is known; conditional
 *   or idempotent mutations can be retried. A table that was not ensured rejects with `MILONGA_DEFINITION_INVALID`.
 * - Cancelling rejects with `MILONGA_ABORTED`. After close every call rejects with `MILONGA_CLOSED`.
 */
export interface OfflineStore {
  /** Creates what is missing. Idempotent. */
  ensureTables(tables: readonly WideTable[]): Promise<void>;
  readRows(
    table: string,
    keys: readonly Uint8Array[],
    options?: { readonly families?: readonly string[]; readonly signal?: AbortSignal },
  ): Promise<readonly (WideRow | undefined)[]>;
  scanRows(
    table: string,
    range: ScanRange,
    options?: { readonly signal?: AbortSignal },
  ): AsyncIterable<readonly WideRow[]>;
  mutateRows(
    table: string,
    mutations: readonly RowMutation[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly MutationOutcome[]>;
}
export const OfflineStore: Port<OfflineStore> = port<OfflineStore>('offline-store/1');
