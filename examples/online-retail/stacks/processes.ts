import { local } from '@milonga/adapters-local';
import type { Stack } from './stack.ts';

/** Embedded stores may be opened by any number of processes of one machine. */
export const processes: Stack = {
  what: 'every role in a process of its own, on the same embedded stores',
  isSpread: true,
  services: [],
  survivors: [],
  adapters: async ({ dir }) => [local({ dir, partitions: 1, lake: { memoryLimitMiB: 256 } })],
};
