import type { Lease, LeaseHold } from '@milonga/core';
import { type Mutation, tick } from './broken.ts';

type Closing = Lease & { close(): void };
const release = async (): Promise<void> => {};

export const brokenLeases: readonly Mutation<Closing>[] = [
  {
    name: 'a lease with two winners: it looks, then takes',
    change: (real) => {
      const held = new Set<string>();
      return {
        acquire: async (name, options) => {
          const isHeld = held.has(name);
          await tick();
          if (isHeld) return undefined;
          const hold = (await real.acquire(name, options)) ?? {
            token: 1e6,
            signal: new AbortController().signal,
            release,
          };
          held.add(name);
          return { ...hold, release: () => hold.release().then(() => void held.delete(name)) };
        },
      };
    },
  },
  {
    name: 'fencing tokens that do not grow',
    change: (real) => ({
      acquire: async (name, options) => {
        const hold = await real.acquire(name, options);
        return hold && { ...hold, token: 1 };
      },
    }),
  },
  {
    name: 'a release takes the lease from the next holder',
    change: (real) => {
      const holds = new Map<string, LeaseHold>();
      return {
        acquire: async (name, options) => {
          const hold = await real.acquire(name, options);
          if (hold) holds.set(name, hold);
          return hold && { ...hold, release: () => holds.get(name)!.release() };
        },
      };
    },
  },
  {
    name: 'a release that does nothing',
    change: (real) => ({
      acquire: async (name, options) => {
        const hold = await real.acquire(name, options);
        return hold && { ...hold, release };
      },
    }),
  },
  { name: 'works after close', change: () => ({ close: () => {} }) },
];
