import { local } from '@milonga/adapters-local';
import { minutes } from '@milonga/core';
import type { Adapter } from '@milonga/core/app';

/** What a run of the shop stands on: nothing of the recommender differs but this. */
export interface Stack {
  readonly name: string;
  /** True when every role runs as a process of its own. */
  readonly isSpread: boolean;
  adapters(): readonly Adapter[];
}

/** Names of the stacks, and what they are, for `--help`. */
export const STACKS: Readonly<Record<string, string>> = {
  embedded: 'every role in one process, on embedded stores (the default)',
  processes: 'every role in a process of its own, on the same embedded stores',
};

/** A stack by name; its SDKs are loaded only when it is asked for. */
export async function stackOf(name: string, dir: string): Promise<Stack> {
  switch (name) {
    case 'embedded':
      // One process needs no partitions; and nobody comes back for events of the log after a minute.
      return {
        name,
        isSpread: false,
        adapters: () => [local({ dir, partitions: 1, retentionMs: minutes(1).ms, lake: { memoryLimitMiB: 256 } })],
      };
    case 'processes':
      return { name, isSpread: true, adapters: () => [local({ dir, partitions: 1, lake: { memoryLimitMiB: 256 } })] };
    default:
      throw new Error(`No stack is named "${name}"; there are ${Object.keys(STACKS).join(', ')}.`);
  }
}
