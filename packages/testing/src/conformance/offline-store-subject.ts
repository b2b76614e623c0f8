import type { Cell, Clock, OfflineStore, RowMutation, WideRow, WideTable } from '@milonga/core';
import { expect } from 'vitest';
import { bytes, text } from './expectations.ts';
import type { ChaosOptions } from './fault-run.ts';
import type { PassingTime, TimeToLiveBy } from './passing-time.ts';

/** What {@link testOfflineStore} needs to know of a store. */
export interface OfflineStoreConformance {
  /** A store that decides by this clock. It may hold other data; the suite uses tables of its own. */
  readonly create: (clock: Clock) => OfflineStore | Promise<OfflineStore>;
  readonly close: (store: OfflineStore) => void | Promise<void>;
  /** Default: by the clock. */
  readonly timeToLive?: TimeToLiveBy;
  /** Runs the checks through a fault layer, and a history under faults besides. Default: no faults. */
  readonly chaos?: ChaosOptions;
  /** False for stores that keep whole milliseconds: they must refuse other cell times rather than round them. Default: true. */
  readonly keepsFractionsOfMs?: boolean;
}

/** A store under test with a table of its own. */
export interface OfflineSubject {
  readonly store: () => OfflineStore;
  readonly time: () => PassingTime;
  readonly keepsFractionsOfMs: boolean;
  /** A new table with the families `a`, `b` and `brief`, the last with a time to live of one unit. */
  readonly table: () => Promise<string>;
}

export const tableOf = (name: string, briefMs: number): WideTable => ({
  name,
  families: { b: { reason: 'a test' }, a: { reason: 'a test' }, brief: { ttlMs: briefMs } },
});

export const cell = (family: string, qualifier: string, value: string, at = 0): Cell => ({
  family,
  qualifier: bytes(qualifier),
  value: bytes(value),
  at,
});
export const set = (key: string, ...cells: readonly Cell[]): RowMutation => ({ key: bytes(key), set: cells });
/** `family:qualifier=value` for each cell. */
export const shown = (row: WideRow | undefined): readonly string[] | undefined =>
  row?.cells.map(({ family, qualifier, value }) => `${family}:${text(qualifier)}=${text(value)}`);
export const read = async (
  it: OfflineSubject,
  table: string,
  keys: readonly string[],
  families?: readonly string[],
): Promise<unknown> =>
  (await it.store().readRows(table, keys.map(bytes), { ...(families && { families }) })).map(shown);
export const scan = async (
  store: OfflineStore,
  table: string,
  range: Parameters<OfflineStore['scanRows']>[1],
): Promise<readonly WideRow[]> => {
  const rows: WideRow[] = [];
  for await (const batch of store.scanRows(table, range)) {
    expect(batch.length).toBeGreaterThan(0);
    rows.push(...batch);
  }
  return rows;
};
