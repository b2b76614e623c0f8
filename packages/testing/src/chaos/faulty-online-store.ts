import type { OnlineRow, OnlineStore } from '@milonga/core';
import type { FaultPlan } from './fault-plan.ts';
import { type Call, faultyCall } from './faulty-call.ts';

/**
 * An `OnlineStore` that meets the faults of a plan before and after each call. Batches of rows can be applied by half; an
 * append is never sent twice, since the contract lets nobody do so.
 */
export function faultyOnlineStore(store: OnlineStore, plan: FaultPlan): OnlineStore {
  const call = <T>(method: string, rest: Omit<Call<T>, 'method' | 'unavailable'>): Promise<T> =>
    faultyCall(plan, { method: `OnlineStore.${method}`, unavailable: 'MILONGA_ONLINE_STORE_UNAVAILABLE', ...rest });
  return {
    slots: store.slots,
    placement: (key) => store.placement(key),
    readRows: (keys, columns, { signal } = {}) =>
      call('readRows', {
        isIdempotent: true,
        signal,
        invoke: async (until) => (await store.readRows(keys, columns, cancellable(until))).map(copiedRow),
      }),
    writeRows: (rows, { signal } = {}) =>
      call('writeRows', {
        isIdempotent: true,
        signal,
        invoke: (until) => store.writeRows(rows, cancellable(until)),
        half: () => store.writeRows(rows.slice(0, Math.floor(rows.length / 2))),
      }),
    deleteRows: (keys, { signal } = {}) =>
      call('deleteRows', {
        isIdempotent: true,
        signal,
        invoke: (until) => store.deleteRows(keys, cancellable(until)),
        half: () => store.deleteRows(keys.slice(0, Math.floor(keys.length / 2))),
      }),
    appendLists: (lists, { signal } = {}) =>
      call('appendLists', {
        isIdempotent: false,
        signal,
        invoke: (until) => store.appendLists(lists, cancellable(until)),
        half: () => store.appendLists(lists.slice(0, Math.floor(lists.length / 2))),
      }),
    readLists: (keys, { limit, signal }) =>
      call('readLists', {
        isIdempotent: true,
        signal,
        invoke: async (until) =>
          (await store.readLists(keys, { limit, ...cancellable(until) })).map((values) => values.map(copied)),
      }),
  };
}

/** For `exactOptionalPropertyTypes`: no `signal` at all instead of an undefined one. */
export const cancellable = (signal: AbortSignal | undefined): { readonly signal?: AbortSignal } =>
  signal === undefined ? {} : { signal };

// What a store gives out may be invalid after its next call, and the layer makes calls of its own: it copies.
const copied = (value: Uint8Array): Uint8Array => value.slice();
const copiedRow = (row: OnlineRow | undefined): OnlineRow | undefined => row?.map((value) => value && copied(value));
