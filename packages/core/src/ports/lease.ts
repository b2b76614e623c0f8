import { type Port, port } from './port.ts';

/** A held lease. */
export interface LeaseHold {
  /** Grows with every new holder: storage that remembers the highest token it saw can refuse a holder of the past. */
  readonly token: number;
  /** Aborts when the lease was lost. */
  readonly signal: AbortSignal;
  /** Gives it back. Idempotent. */
  release(): Promise<void>;
}

/**
 * One holder at a time, for scheduled jobs.
 *
 * - `acquire` resolves to `undefined` when somebody else holds it. It never waits.
 * - A holder renews by itself until released; one that dies loses it after `ttlMs` of real time. A holder that could not
 *   renew in time sees its `signal` abort before another can acquire.
 * - After close every call rejects with `MILONGA_CLOSED`, and held leases are released.
 */
export interface Lease {
  acquire(name: string, options: { readonly ttlMs: number }): Promise<LeaseHold | undefined>;
}
export const Lease: Port<Lease> = port<Lease>('lease/1');
