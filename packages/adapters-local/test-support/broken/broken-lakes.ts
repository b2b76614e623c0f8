import type { Lake } from '@milonga/core';
import type { Mutation } from './broken.ts';

type Closing = Lake & { close(): Promise<void> };

export const brokenLakes: readonly Mutation<Closing>[] = [
  {
    name: 'a redelivered batch counts twice',
    change: (real) => ({
      append: (table, rows, options) =>
        real
          .append(table, rows, options)
          .catch((error) =>
            error.code === 'MILONGA_LAKE_APPEND_OVERLAPS'
              ? real.append(table, rows, { ranges: [] })
              : Promise.reject(error),
          ),
    }),
  },
  {
    name: 'positions are forgotten',
    change: (real) => ({ positions: async (table) => new Map([...(await real.positions(table))].slice(0, 0)) }),
  },
  {
    name: 'append works after cancelling',
    change: (real) => ({ append: (table, rows, { ranges }) => real.append(table, rows, { ranges }) }),
  },
];
