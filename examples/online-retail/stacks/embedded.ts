import { local } from '@milonga/adapters-local';
import { minutes } from '@milonga/core';
import type { Stack } from './stack.ts';

/** One process needs no partitions; and nobody comes back for events of the log after a minute. */
export const embedded: Stack = {
  what: 'every role in one process, on embedded stores (the default)',
  isSpread: false,
  services: [],
  survivors: [],
  adapters: async ({ dir }) => [
    local({ dir, partitions: 1, retentionMs: minutes(1).ms, lake: { memoryLimitMiB: 256 } }),
  ],
};
