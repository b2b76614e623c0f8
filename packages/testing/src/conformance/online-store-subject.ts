import type { Clock, OnlineStore } from '@milonga/core';
import type { Consistency } from './consistency.ts';
import { bytes, text } from './expectations.ts';
import type { ChaosOptions } from './fault-run.ts';
import type { PassingTime, TimeToLiveBy } from './passing-time.ts';

/** What {@link testOnlineStore} needs to know of a store. */
export interface OnlineStoreConformance {
  /** A store that decides by this clock. It may hold other data; the suite uses keys of its own. */
  readonly create: (clock: Clock) => OnlineStore | Promise<OnlineStore>;
  readonly close: (store: OnlineStore) => void | Promise<void>;
  /** Default: by the clock. */
  readonly timeToLive?: TimeToLiveBy;
  /** Default: 'read-your-writes'. */
  readonly consistency?: Consistency;
  /** Runs the checks through a fault layer, and a history under faults besides. Default: no faults. */
  readonly chaos?: ChaosOptions;
}

/** What the parts of the suite share. */
export interface OnlineSubject {
  readonly store: () => OnlineStore;
  readonly time: () => PassingTime;
}

export const write = (it: OnlineSubject, key: string, columns: Record<string, string>): Promise<void> =>
  it.store().writeRows([{ key, columns: packed(columns), timeToLive: forever }]);
export const packed = (columns: Record<string, string>): Record<string, Uint8Array> =>
  Object.fromEntries(Object.entries(columns).map(([name, value]) => [name, bytes(value)]));
export const read = async (it: OnlineSubject, keys: readonly string[], columns: readonly string[]): Promise<unknown> =>
  (await it.store().readRows(keys, columns)).map((row) => row?.map(text));

export const forever = { forever: 'a test' };

export const list = async (it: OnlineSubject, key: string, limit = 1_000): Promise<unknown> =>
  (await it.store().readLists([key], { limit }))[0]?.map(text);
export const append = (it: OnlineSubject, key: string, values: readonly string[], maxLength: number): Promise<void> =>
  it.store().appendLists([{ key, values: values.map(bytes), maxLength, timeToLive: forever }]);
