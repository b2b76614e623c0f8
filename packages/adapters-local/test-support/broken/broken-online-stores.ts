import type { OnlineRow, OnlineRowWrite, OnlineStore } from '@milonga/core';
import { type Cancellable, later, type Mutation, tick } from './broken.ts';

type Store = OnlineStore & { close(): void };
const columnByColumn = ({ key, columns, timeToLive }: OnlineRowWrite): readonly OnlineRowWrite[] =>
  Object.entries(columns).map(([name, value]) => ({ key, columns: { [name]: value }, timeToLive }));

/** Defects in writing and reading rows. */
const rows: readonly Mutation<Store>[] = [
  {
    name: 'lost write: the last row of a large batch',
    change: (real) => ({
      writeRows: (all, options) => real.writeRows(all.length < 1_000 ? all : all.slice(0, -1), options),
    }),
  },
  {
    name: 'stale read: the first answer is kept',
    change: (real) => {
      const kept = new Map<string, Promise<readonly (OnlineRow | undefined)[]>>();
      return {
        readRows: (keys, columns, options) => {
          const name = JSON.stringify([keys, columns]);
          const answer = kept.get(name) ?? real.readRows(keys, columns, options);
          if (options?.signal === undefined) kept.set(name, answer);
          return answer;
        },
      };
    },
  },
  {
    name: 'swapped order: rows come sorted by key',
    change: (real) => ({ readRows: (keys, columns, options) => real.readRows([...keys].sort(), columns, options) }),
  },
  {
    name: 'a key that is asked for twice comes once',
    change: (real) => ({ readRows: (keys, columns, options) => real.readRows([...new Set(keys)], columns, options) }),
  },
  {
    name: 'non-atomic row: written column by column',
    change: (real) => ({
      writeRows: async (all, options) => {
        for (const one of all.flatMap(columnByColumn)) {
          await real.writeRows([one], options);
          await tick();
        }
      },
    }),
  },
  {
    name: 'a write replaces the whole row',
    change: (real) => ({
      writeRows: async (all, options) => {
        for (const row of all) {
          await real.deleteRows([row.key], options);
          await real.writeRows([row], options);
        }
      },
    }),
  },
  {
    name: 'an empty value is read as absent',
    change: (real) => ({
      readRows: async (keys, columns, options) =>
        (await real.readRows(keys, columns, options)).map((row) =>
          row?.map((value) => (value?.length ? value : undefined)),
        ),
    }),
  },
  {
    name: 'keys are cut at 255 characters',
    change: (real) => ({
      writeRows: (all, options) =>
        real.writeRows(
          all.map((row) => ({ ...row, key: row.key.slice(0, 255) })),
          options,
        ),
      readRows: (keys, columns, options) =>
        real.readRows(
          keys.map((key) => key.slice(0, 255)),
          columns,
          options,
        ),
    }),
  },
  {
    name: 'resolved before it is written',
    change: (real) => ({
      writeRows: async (all, options) => {
        await real.writeRows([], options);
        void later(3).then(() => real.writeRows(all).catch(() => {}));
      },
    }),
  },
  {
    name: 'a delete takes only the first key',
    change: (real) => ({ deleteRows: (keys, options) => real.deleteRows(keys.slice(0, 0), options) }),
  },
];

/** Defects in times to live and in lists. */
const expiryAndLists: readonly Mutation<Store>[] = [
  {
    name: 'ignored time to live',
    change: (real) => ({
      writeRows: (all, options) =>
        real.writeRows(
          all.map((row) => ({ ...row, timeToLive: { forever: 'ignored' } })),
          options,
        ),
    }),
  },
  {
    name: 'the first time to live of a row stays',
    change: (real) => {
      const first = new Map<string, OnlineRowWrite['timeToLive']>();
      return {
        writeRows: (all, options) => {
          for (const { key, timeToLive } of all) if (!first.has(key)) first.set(key, timeToLive);
          return real.writeRows(
            all.map((row) => ({ ...row, timeToLive: first.get(row.key)! })),
            options,
          );
        },
      };
    },
  },
  {
    name: 'wrong trim: one value too many',
    change: (real) => ({
      appendLists: (all, options) =>
        real.appendLists(
          all.map((one) => ({ ...one, maxLength: one.maxLength + 1 })),
          options,
        ),
    }),
  },
  {
    name: 'wrong trim: the oldest stay',
    change: (real) => ({
      appendLists: async (all, options) => {
        for (const one of all) {
          const [now] = await real.readLists([one.key], { limit: one.maxLength });
          await real.appendLists([{ ...one, values: one.values.slice(0, one.maxLength - now!.length) }], options);
        }
      },
    }),
  },
  {
    name: 'a limit gives the oldest of a list',
    change: (real) => ({
      readLists: async (keys, options) =>
        (await real.readLists(keys, { ...options, limit: 1e6 })).map((values) => values.slice(0, options.limit)),
    }),
  },
  {
    name: 'appends are read, changed and written back: one loses the other',
    change: (real) => ({
      appendLists: async (all, options) => {
        for (const one of all) {
          const [before] = await real.readLists([one.key], { limit: 1e6 });
          await tick();
          await real.appendLists(
            [
              {
                ...one,
                values: [...before!, ...one.values],
                maxLength: Math.min(one.maxLength, before!.length + one.values.length) || 1,
              },
            ],
            options,
          );
        }
      },
    }),
  },
];

const withoutSignal = <O extends Cancellable>({ signal: _, ...rest }: O): Omit<O, 'signal'> => rest;

/** Defects in what a call does around its work. */
const calls: readonly Mutation<Store>[] = [
  {
    name: 'ignored abort: a write goes on',
    change: (real) => ({ writeRows: (all) => real.writeRows(all) }),
  },
  {
    name: 'ignored abort: a list is read all the same',
    change: (real) => ({ readLists: (keys, options) => real.readLists(keys, withoutSignal(options)) }),
  },
  { name: 'works after close', change: () => ({ close: () => {} }) },
  {
    name: 'an error of the wrong kind after close',
    change: (real) => ({
      readRows: (keys, columns, options) =>
        real.readRows(keys, columns, options).catch((error) => Promise.reject(new Error(String(error)))),
    }),
  },
  { name: 'a placement outside the slots', change: () => ({ placement: (key) => key.length }) },
  {
    name: 'a write that is cut takes back what was there',
    needsFaults: true,
    change: (real) => ({
      writeRows: async (all, options = {}) => {
        await tick();
        if (options.signal?.aborted === false) {
          await later(2);
          if (options.signal.aborted) await real.deleteRows(all.map(({ key }) => key));
        }
        await real.writeRows(all, options);
      },
    }),
  },
  {
    name: 'an append that is cut is sent again',
    needsFaults: true,
    change: (real) => ({
      appendLists: async (all, options = {}) => {
        await real.appendLists(all, options);
        await later(1);
        if (options.signal?.aborted) await real.appendLists(all);
      },
    }),
  },
  {
    name: 'a read that is cut hangs',
    needsFaults: true,
    change: (real) => ({
      readRows: async (keys, columns, options = {}) => {
        await later(1);
        if (options.signal?.aborted) return new Promise(() => {});
        return real.readRows(keys, columns, options);
      },
    }),
  },
];

export const brokenOnlineStores: readonly Mutation<Store>[] = [...rows, ...expiryAndLists, ...calls];
