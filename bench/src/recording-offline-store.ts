import type { MutationOutcome, OfflineStore, RowMutation, ScanRange, WideRow, WideTable } from '@milonga/core';

/** A row that was written: its key and the bytes of its cells. */
export interface WrittenRow {
  readonly key: Uint8Array;
  readonly bytes: number;
}

/** Passes everything on, and remembers how large the rows were that were written, batch by batch. */
export class RecordingOfflineStore implements OfflineStore {
  readonly batches: (readonly WrittenRow[])[] = [];
  readonly #store: OfflineStore;

  constructor(store: OfflineStore) {
    this.#store = store;
  }

  ensureTables(tables: readonly WideTable[]): Promise<void> {
    return this.#store.ensureTables(tables);
  }
  readRows(
    table: string,
    keys: readonly Uint8Array[],
    options?: Parameters<OfflineStore['readRows']>[2],
  ): Promise<readonly (WideRow | undefined)[]> {
    return this.#store.readRows(table, keys, options);
  }
  scanRows(table: string, range: ScanRange): AsyncIterable<readonly WideRow[]> {
    return this.#store.scanRows(table, range);
  }
  mutateRows(table: string, mutations: readonly RowMutation[]): Promise<readonly MutationOutcome[]> {
    this.batches.push(
      mutations.map(({ key, set = [] }) => ({ key, bytes: set.reduce((sum, { value }) => sum + value.length, 0) })),
    );
    return this.#store.mutateRows(table, mutations);
  }
}
