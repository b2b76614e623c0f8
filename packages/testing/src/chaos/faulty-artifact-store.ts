import type { ArtifactStore } from '@milonga/core';
import type { FaultPlan } from './fault-plan.ts';
import { type Call, faultyCall, faultyStream } from './faulty-call.ts';
import { cancellable } from './faulty-online-store.ts';

/** An `ArtifactStore` that meets the faults of a plan. A put is never repeated: its answer tells who was first. */
export function faultyArtifactStore(store: ArtifactStore, plan: FaultPlan): ArtifactStore {
  const unavailable = 'MILONGA_ARTIFACT_STORE_UNAVAILABLE';
  const call = <T>(method: string, rest: Omit<Call<T>, 'method' | 'unavailable'>): Promise<T> =>
    faultyCall(plan, { method: `ArtifactStore.${method}`, unavailable, ...rest });
  return {
    putIfAbsent: (name, bytes, { signal } = {}) =>
      call('putIfAbsent', {
        isIdempotent: false,
        signal,
        invoke: (until) => store.putIfAbsent(name, bytes, cancellable(until)),
      }),
    get: (name, { range, signal } = {}) =>
      call('get', {
        isIdempotent: true,
        signal,
        invoke: (until) => store.get(name, { ...(range && { range }), ...cancellable(until) }),
      }),
    list: (prefix, { signal } = {}) =>
      faultyStream(plan, { method: 'ArtifactStore.list', unavailable, signal }, () =>
        store.list(prefix, cancellable(signal)),
      ),
    remove: (name) => call('remove', { isIdempotent: false, signal: undefined, invoke: () => store.remove(name) }),
  };
}
