import type { Lake } from '@milonga/core';
import type { FaultPlan } from './fault-plan.ts';
import { type Call, faultyCall, faultyStream } from './faulty-call.ts';
import { cancellable } from './faulty-online-store.ts';

/**
 * A `Lake` that meets the faults of a plan. Appends fail, get lost answers and are cut, and are never repeated by the layer;
 * the other calls come late and in another order, since the contract gives them no error that may be retried.
 */
export function faultyLake(lake: Lake, plan: FaultPlan): Lake {
  const call = <T>(method: string, invoke: Call<T>['invoke'], rest: Partial<Call<T>>): Promise<T> =>
    faultyCall(plan, {
      method: `Lake.${method}`,
      unavailable: 'MILONGA_LAKE_APPEND_FAILED',
      isIdempotent: false,
      signal: undefined,
      invoke,
      ...rest,
    });
  return {
    dialect: lake.dialect,
    ensureTables: (tables) => call('ensureTables', () => lake.ensureTables(tables), { possible: ['delay'] }),
    append: (table, rows, { ranges, signal }) =>
      call('append', (until) => lake.append(table, rows, { ranges, ...cancellable(until) }), { signal }),
    positions: (table) => call('positions', () => lake.positions(table), { possible: ['delay', 'reorder'] }),
    query: (sql, parameters, options = {}) =>
      faultyStream(
        plan,
        { method: 'Lake.query', unavailable: 'MILONGA_LAKE_QUERY_FAILED', signal: options.signal, possible: ['delay'] },
        () => lake.query(sql, parameters, options),
      ),
    compact: (table, options = {}) =>
      call('compact', (until) => lake.compact(table, { ...options, ...cancellable(until) }), {
        signal: options.signal,
        possible: ['delay', 'reorder'],
      }),
  };
}
