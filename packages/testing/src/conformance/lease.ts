import type { Lease, LeaseHold } from '@milonga/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultyLease } from '../chaos/faulty-lease.ts';
import { eventually, expectCode, fresh, pause } from './expectations.ts';
import { type ChaosOptions, sayHowToRepeat, throughFaults } from './fault-run.ts';

/** What {@link testLease} needs to know of an implementation. */
export interface LeaseConformance {
  readonly create: () => Lease | Promise<Lease>;
  /** Another client of the same leases, as a second process has it. Default: the first one again. */
  readonly another?: () => Lease | Promise<Lease>;
  readonly close: (lease: Lease) => void | Promise<void>;
  /** Runs the checks through a fault layer. Default: no faults. */
  readonly chaos?: ChaosOptions;
  /** Shortest time to live that the implementation can count. Default: 300. */
  readonly ttlMs?: number;
}

/** A time to live that a busy machine renews in time: with a short one it is right to lose the lease. */
const PATIENT_MS = 2_000;

/**
 * Checks every sentence of the `Lease` contract that one process can check; the death of a holder needs a process to kill.
 *
 * @example
 * ```ts
 * testLease('memory', { create: () => new MemoryLease(), close: (lease) => lease.close() });
 * ```
 */
export function testLease(name: string, given: LeaseConformance): void {
  const options = throughFaults<Lease, LeaseConformance>(given, faultyLease);
  describe(`${name} conforms to Lease`, () => {
    let one: Lease;
    let other: Lease;
    const ttlMs = options.ttlMs ?? 300;
    sayHowToRepeat(options.chaos);
    beforeAll(async () => {
      one = await options.create();
      other = (await options.another?.()) ?? one;
    });
    afterAll(async () => {
      if (other !== one) await options.close(other);
      await options.close(one);
    });

    test('one holder at a time; the others get undefined, and do not wait', async () => {
      const lease = fresh('lease');
      const hold = await acquired(one, lease, 60_000);
      const startedAt = performance.now();
      expect(await other.acquire(lease, { ttlMs: 60_000 })).toBeUndefined();
      expect(await one.acquire(lease, { ttlMs: 60_000 })).toBeUndefined();
      expect(performance.now() - startedAt).toBeLessThan(2_000);
      await hold.release();
    });

    test('leases of different names do not meet', async () => {
      const holds = await Promise.all([acquired(one, fresh('a'), ttlMs), acquired(one, fresh('b/ü'), ttlMs)]);
      for (const hold of holds) await hold.release();
    });

    test('a released lease can be acquired, with a larger token; releasing is idempotent', async () => {
      const lease = fresh('lease');
      let token = 0;
      for (const client of [one, other, one]) {
        const hold = await acquired(client, lease, 60_000);
        expect(hold.token).toBeGreaterThan(token);
        token = hold.token;
        await hold.release();
        await hold.release();
      }
    });

    test('releasing twice does not take it from the next holder', async () => {
      const lease = fresh('lease');
      const first = await acquired(one, lease, 60_000);
      await first.release();
      const second = await acquired(other, lease, 60_000);
      await first.release();
      expect(await one.acquire(lease, { ttlMs: 60_000 })).toBeUndefined();
      await second.release();
    });

    test('of many that race exactly one holds it', async () => {
      const lease = fresh('lease');
      const holds = await Promise.all(
        Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? one : other).acquire(lease, { ttlMs: 60_000 })),
      );
      const held = holds.filter((hold) => hold !== undefined);
      expect(held.length).toBe(1);
      await held[0]!.release();
    });

    test('a holder renews by itself', { timeout: 30_000 }, async () => {
      const lease = fresh('lease');
      const renewedMs = Math.max(ttlMs, PATIENT_MS);
      const hold = await acquired(one, lease, renewedMs);
      for (let i = 0; i < 5; i += 1) {
        await pause(renewedMs / 2);
        expect(await other.acquire(lease, { ttlMs: renewedMs })).toBeUndefined();
        expect(hold.signal.aborted).toBe(false);
      }
      await hold.release();
      await eventually(async () => (await acquired(other, lease, ttlMs)).release(), ttlMs);
    });

    test('a time to live that is none is refused', async () => {
      for (const wrong of [0, -1, Number.NaN])
        await expectCode(one.acquire(fresh('lease'), { ttlMs: wrong }), 'MILONGA_DEFINITION_INVALID');
    });

    test('after close every call rejects with MILONGA_CLOSED', async () => {
      const closing = await (options.another ?? options.create)();
      const lease = fresh('lease');
      const hold = await acquired(closing, lease, 60_000);
      await options.close(closing);
      await expectCode(closing.acquire(lease, { ttlMs: 60_000 }), 'MILONGA_CLOSED');
      await hold.release();
    });

    test.runIf(options.another !== undefined)('closing releases what is held', async () => {
      const closing = await options.another!();
      const lease = fresh('lease');
      await acquired(closing, lease, 60_000);
      await options.close(closing);
      await (await acquired(one, lease, 60_000)).release();
    });
  });
}

async function acquired(lease: Lease, name: string, ttlMs: number): Promise<LeaseHold> {
  const hold = await lease.acquire(name, { ttlMs });
  if (hold === undefined) throw new Error(`The lease "${name}" should have been free.`);
  return hold;
}
