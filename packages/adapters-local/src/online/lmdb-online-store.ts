import {
  type Clock,
  type ListAppend,
  MilongaError,
  type OnlineRow,
  type OnlineRowWrite,
  type OnlineStore,
  Turns,
  throwIfAborted,
} from '@milonga/core';
import { Arena } from '../environment/arena.ts';
import { type BytesByName, type Durability, Environment } from '../environment/environment.ts';
import { checkName } from '../environment/keys.ts';
import { closed } from '../environment/storage-errors.ts';
import { Sweeper } from '../environment/sweeper.ts';
import { WriteQueue } from '../environment/write-queue.ts';
import { ColumnNames } from './column-names.ts';
import { expiryOf } from './expiry.ts';
import { appended, listLength, newest } from './list-codec.ts';
import { isAlive, OnlineRowBuilder, pickColumns } from './online-row-codec.ts';
import { onlineSweep } from './sweep-online.ts';

const WHAT = 'online store';
type Cancellable = { readonly signal?: AbortSignal };

/** Rows and bounded lists on LMDB, one value each. Reads never wait for writes. */
export class LmdbOnlineStore implements OnlineStore {
  readonly slots = 1;
  readonly #environment: Environment;
  readonly #clock: Clock;
  readonly #rows: BytesByName;
  readonly #lists: BytesByName;
  readonly #columns: ColumnNames;
  readonly #queue: WriteQueue;
  readonly #builder = new OnlineRowBuilder();
  readonly #sweeper: Sweeper;
  #closing: Promise<void> | undefined;

  private constructor(environment: Environment, clock: Clock) {
    this.#environment = environment;
    this.#clock = clock;
    this.#rows = environment.databaseByName('rows');
    this.#lists = environment.databaseByName('lists');
    this.#columns = new ColumnNames(environment);
    this.#queue = environment.shared('queue', () => new WriteQueue(environment, 'take-turns'));
    this.#sweeper = new Sweeper(onlineSweep(environment, [this.#rows, this.#lists], () => clock.now()));
  }

  static async open(dir: string, clock: Clock, durability: Durability): Promise<LmdbOnlineStore> {
    return new LmdbOnlineStore(
      await Environment.open(dir, 'online', durability, 'MILONGA_ONLINE_STORE_UNAVAILABLE'),
      clock,
    );
  }

  placement(_key: string): number {
    return 0;
  }

  async readRows(
    keys: readonly string[],
    columns: readonly string[],
    options: Cancellable = {},
  ): Promise<readonly (OnlineRow | undefined)[]> {
    this.#begin(options.signal);
    const wanted = this.#places(columns);
    const firsts = new Set(columns).size === columns.length ? undefined : columns.map((name) => columns.indexOf(name));
    const now = this.#clock.now();
    const arena = new Arena(keys.length);
    return this.#each(keys, options.signal, (key) => {
      const value = this.#rows.getBinaryFast(checkName(key, WHAT));
      if (value === undefined || !isAlive(value, value.length, now)) return undefined;
      const size = value.length;
      const start = arena.place(value, size);
      const picked = pickColumns(arena.bytes, start, start + size, wanted, columns.length);
      return firsts === undefined ? picked : firsts.map((first) => picked[first]);
    });
  }

  async writeRows(rows: readonly OnlineRowWrite[], options: Cancellable = {}): Promise<void> {
    this.#begin(options.signal);
    for (const row of rows) checkName(row.key, WHAT);
    const now = this.#clock.now();
    const expiries = rows.map((row) => expiryOf(row.timeToLive, now, row.key));
    await this.#columns.ensure(new Set(rows.flatMap((row) => Object.keys(row.columns))));
    await this.#write('writeRows', rows, options.signal, (row, i) => {
      const existing = this.#rows.getBinaryFast(row.key);
      this.#builder.begin(expiries[i]!);
      const names = Object.keys(row.columns);
      if (existing !== undefined && isAlive(existing, existing.length, now)) {
        this.#builder.addOthers(existing, existing.length, new Set(names.map((name) => this.#columns.find(name)!)));
      }
      for (const name of names) this.#builder.add(this.#columns.find(name)!, row.columns[name]!);
      this.#environment.put(this.#rows, row.key, this.#builder.row);
    });
  }

  async deleteRows(keys: readonly string[], options: Cancellable = {}): Promise<void> {
    this.#begin(options.signal);
    for (const key of keys) checkName(key, WHAT);
    await this.#write('deleteRows', keys, options.signal, (key) => this.#environment.remove(this.#rows, key));
  }

  async appendLists(lists: readonly ListAppend[], options: Cancellable = {}): Promise<void> {
    this.#begin(options.signal);
    const now = this.#clock.now();
    for (const list of lists) checkList(list);
    const expiries = lists.map((list) => expiryOf(list.timeToLive, now, list.key));
    await this.#write('appendLists', lists, options.signal, (list, i) => {
      const existing = this.#lists.getBinaryFast(list.key);
      const size = existing?.length ?? 0;
      const count = listLength(existing, size, now);
      this.#environment.put(
        this.#lists,
        list.key,
        appended(existing, size, count, list.values, list.maxLength, expiries[i]!),
      );
    });
  }

  async readLists(
    keys: readonly string[],
    options: { readonly limit: number; readonly signal?: AbortSignal },
  ): Promise<readonly (readonly Uint8Array[])[]> {
    this.#begin(options.signal);
    const now = this.#clock.now();
    return this.#each(keys, options.signal, (key) => {
      const list = this.#lists.getBinary(checkName(key, WHAT));
      const count = listLength(list, list?.length ?? 0, now);
      return count === 0 ? [] : newest(list!, count, options.limit);
    });
  }

  /** Waits for writes that have begun. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    await this.#sweeper.stop();
    await this.#queue.drained();
    await this.#environment.close();
  }

  async #each<T>(keys: readonly string[], signal: AbortSignal | undefined, read: (key: string) => T): Promise<T[]> {
    const results: T[] = new Array(keys.length);
    const turns = new Turns(WHAT, signal);
    for (let start = 0; start < keys.length; start += 128) {
      const end = Math.min(start + 128, keys.length);
      this.#environment.read(() => {
        for (let i = start; i < end; i += 1) results[i] = read(keys[i]!);
      });
      const pause = turns.giveWay();
      if (pause !== undefined) {
        await pause;
        if (this.#closing !== undefined) throw closed(WHAT);
      }
    }
    return results;
  }

  #write<T>(
    what: string,
    items: readonly T[],
    signal: AbortSignal | undefined,
    apply: (item: T, i: number) => void,
  ): Promise<void> {
    if (items.length === 0) return Promise.resolve();
    this.#sweeper.start();
    let next = 0;
    return this.#queue.run(
      what,
      (isTimeUp) => {
        while (next < items.length) {
          apply(items[next]!, next);
          next += 1;
          if ((next & 15) === 0 && isTimeUp()) break;
        }
        return next === items.length;
      },
      signal,
    );
  }

  /** Place in the answer plus one, by column id; of a column that is asked for twice, the first. */
  #places(columns: readonly string[]): Uint16Array {
    const ids = columns.map((name) => this.#environment.read(() => this.#columns.find(name)));
    const places = new Uint16Array(Math.max(-1, ...ids.map((id) => id ?? -1)) + 1);
    ids.forEach((id, place) => {
      if (id !== undefined && places[id] === 0) places[id] = place + 1;
    });
    return places;
  }

  #begin(signal: AbortSignal | undefined): void {
    if (this.#closing !== undefined) throw closed(WHAT);
    throwIfAborted(signal, WHAT);
  }
}

function checkList({ key, maxLength }: ListAppend): void {
  checkName(key, WHAT);
  if (Number.isInteger(maxLength) && maxLength > 0) return;
  throw new MilongaError(
    'MILONGA_DEFINITION_INVALID',
    `\`maxLength\` of the list "${key}" must be a whole number above 0; found ${maxLength}.`,
  );
}
