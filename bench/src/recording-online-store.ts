import type { ListAppend, OnlineRow, OnlineRowWrite, OnlineStore } from '@milonga/core';

/** Passes everything on, and remembers the bytes of every row as they are now. */
export class RecordingOnlineStore implements OnlineStore {
  readonly rows = new Map<string, Record<string, Uint8Array>>();
  readonly #store: OnlineStore;

  constructor(store: OnlineStore) {
    this.#store = store;
  }

  get slots(): number {
    return this.#store.slots;
  }
  placement(key: string): number {
    return this.#store.placement(key);
  }
  readRows(
    keys: readonly string[],
    columns: readonly string[],
    options?: Parameters<OnlineStore['readRows']>[2],
  ): Promise<readonly (OnlineRow | undefined)[]> {
    return this.#store.readRows(keys, columns, options);
  }
  writeRows(rows: readonly OnlineRowWrite[]): Promise<void> {
    for (const { key, columns } of rows) {
      const kept = Object.entries(columns).map(([name, value]) => [name, value.slice()] as const);
      this.rows.set(key, { ...this.rows.get(key), ...Object.fromEntries(kept) });
    }
    return this.#store.writeRows(rows);
  }
  deleteRows(keys: readonly string[]): Promise<void> {
    return this.#store.deleteRows(keys);
  }
  appendLists(lists: readonly ListAppend[]): Promise<void> {
    return this.#store.appendLists(lists);
  }
  readLists(
    keys: readonly string[],
    options: Parameters<OnlineStore['readLists']>[1],
  ): Promise<readonly (readonly Uint8Array[])[]> {
    return this.#store.readLists(keys, options);
  }
}
