import { MilongaError, type MutationOutcome, type OfflineStore } from '@milonga/core';
import type { FaultPlan } from './fault-plan.ts';
import { type Call, faultyCall, faultyStream } from './faulty-call.ts';
import { cancellable } from './faulty-online-store.ts';

/**
 * An `OfflineStore` that meets the faults of a plan. Half a batch of mutations shows as outcomes that failed and may be
 * retried alone; a lost answer, as a throw. Batches with conditions are not repeated.
 */
export function faultyOfflineStore(store: OfflineStore, plan: FaultPlan): OfflineStore {
  const unavailable = 'MILONGA_OFFLINE_STORE_UNAVAILABLE';
  const call = <T>(method: string, rest: Omit<Call<T>, 'method' | 'unavailable'>): Promise<T> =>
    faultyCall(plan, { method: `OfflineStore.${method}`, unavailable, ...rest });
  const mutate: OfflineStore['mutateRows'] = (table, mutations, { signal } = {}) =>
    call('mutateRows', {
      isIdempotent: false,
      signal,
      invoke: (until) => store.mutateRows(table, mutations, cancellable(until)),
    });
  return {
    ensureTables: (tables) =>
      call('ensureTables', { isIdempotent: true, signal: undefined, invoke: () => store.ensureTables(tables) }),
    readRows: (table, keys, { families, signal } = {}) =>
      call('readRows', {
        isIdempotent: true,
        signal,
        invoke: (until) => store.readRows(table, keys, { ...(families && { families }), ...cancellable(until) }),
      }),
    scanRows: (table, range, { signal } = {}) =>
      faultyStream(plan, { method: 'OfflineStore.scanRows', unavailable, signal }, () =>
        store.scanRows(table, range, cancellable(signal)),
      ),
    mutateRows: async (table, mutations, options = {}) => {
      const isHalved = mutations.length > 1 && plan.next('OfflineStore.mutateRows half', ['half-apply']).fault;
      if (!isHalved) return mutate(table, mutations, options);
      const middle = Math.floor(mutations.length / 2);
      const done = await mutate(table, mutations.slice(0, middle), options);
      if (plan.isRecovering) return [...done, ...(await mutate(table, mutations.slice(middle), options))];
      const error = new MilongaError(unavailable, 'OfflineStore.mutateRows did half by a fault that was asked for.', {
        isRetryable: true,
      });
      return [
        ...done,
        ...mutations.slice(middle).map((): MutationOutcome => ({ status: 'failed', error, isRetryable: true })),
      ];
    },
  };
}
