import type { Lease } from '@milonga/core';
import type { FaultPlan } from './fault-plan.ts';
import { faultyCall } from './faulty-call.ts';

/** A `Lease` whose acquisitions begin late, overtake each other, and fail before they did anything. */
export const faultyLease = (lease: Lease, plan: FaultPlan): Lease => ({
  acquire: (name, options) =>
    faultyCall(plan, {
      method: 'Lease.acquire',
      unavailable: 'MILONGA_LEASE_UNAVAILABLE',
      isIdempotent: false,
      possible: ['delay', 'reorder', 'fail-before'],
      signal: undefined,
      invoke: () => lease.acquire(name, options),
    }),
});
