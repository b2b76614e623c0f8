import {
  type Clock,
  type ListAppend,
  MilongaError,
  type OnlineRow,
  type OnlineRowWrite,
  type OnlineStore,
  throwIfAborted,
} from '@milonga/core';
import { closed } from '../environment/storage-errors.ts';
import { expiryOf } from '../online/expiry.ts';

interface Expiring<T> {
  readonly value: T;
  readonly expiresAt: number;
}

type Cancellable = { readonly signal?: AbortSignal };

/** Rows and bounded lists in maps. For tests: nothing outlives the process. */
export class MemoryOnlineStore implements OnlineStore {
  readonly slots = 1;
  readonly #clock: Clock;
  readonly #rows = new Map<string, Expiring<ReadonlyMap<string, Uint8Array>>>();
  readonly #lists = new Map<string, Expiring<readonly Uint8Array[]>>();
  #isOpen = true;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  placement(_key: string): number {
    return 0;
  }

  async readRows(
    keys: readonly string[],
    columns: readonly string[],
    options: Cancellable = {},
  ): Promise<readonly (OnlineRow | undefined)[]> {
    this.#begin(keys, options.signal);
    return keys.map((key) => {
      const row = this.#alive(this.#rows, key);
      return row && columns.map((column) => row.get(column));
    });
  }

  async writeRows(rows: readonly OnlineRowWrite[], options: Cancellable = {}): Promise<void> {
    this.#begin(
      rows.map(({ key }) => key),
      options.signal,
    );
    for (const { key, columns, timeToLive } of rows) {
      const row = new Map(this.#alive(this.#rows, key));
      for (const [column, value] of Object.entries(columns)) row.set(column, value.slice());
      this.#rows.set(key, { value: row, expiresAt: expiryOf(timeToLive, this.#clock.now(), key) });
    }
  }

  async deleteRows(keys: readonly string[], options: Cancellable = {}): Promise<void> {
    this.#begin(keys, options.signal);
    for (const key of keys) this.#rows.delete(key);
  }

  async appendLists(lists: readonly ListAppend[], options: Cancellable = {}): Promise<void> {
    this.#begin(
      lists.map(({ key }) => key),
      options.signal,
    );
    for (const { key, values, maxLength, timeToLive } of lists) {
      if (!(Number.isInteger(maxLength) && maxLength > 0)) {
        throw new MilongaError(
          'MILONGA_DEFINITION_INVALID',
          `\`maxLength\` of the list "${key}" must be a whole number above 0; found ${maxLength}.`,
        );
      }
      const value = [...(this.#alive(this.#lists, key) ?? []), ...values.map((one) => one.slice())].slice(-maxLength);
      this.#lists.set(key, { value, expiresAt: expiryOf(timeToLive, this.#clock.now(), key) });
    }
  }

  async readLists(
    keys: readonly string[],
    options: { readonly limit: number; readonly signal?: AbortSignal },
  ): Promise<readonly (readonly Uint8Array[])[]> {
    this.#begin(keys, options.signal);
    return keys.map((key) => (options.limit <= 0 ? [] : (this.#alive(this.#lists, key) ?? []).slice(-options.limit)));
  }

  close(): void {
    this.#isOpen = false;
  }

  /** What is stored under a key and has not expired; what has is removed. */
  #alive<T>(from: Map<string, Expiring<T>>, key: string): T | undefined {
    const found = from.get(key);
    if (found === undefined || this.#clock.now() < found.expiresAt) return found?.value;
    from.delete(key);
    return undefined;
  }

  #begin(keys: readonly string[], signal: AbortSignal | undefined): void {
    if (!this.#isOpen) throw closed('online store');
    throwIfAborted(signal, 'online store');
    if (keys.includes(''))
      throw new MilongaError('MILONGA_KEY_INVALID', 'A key of the online store must not be empty.');
  }
}
