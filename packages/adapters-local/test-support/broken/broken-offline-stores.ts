import type { OfflineStore, RowMutation, WideRow } from '@milonga/core';
import { later, type Mutation, tick } from './broken.ts';

type Store = OfflineStore & { close(): void };
const keyOf = (key: Uint8Array): string => Buffer.from(key).toString('hex');
const cellByCell = (mutation: RowMutation): readonly RowMutation[] =>
  (mutation.set?.length ?? 0) < 2 || mutation.onlyIf || mutation.delete || mutation.deleteRow
    ? [mutation]
    : mutation.set!.map((cell) => ({ key: mutation.key, set: [cell] }));

async function all(batches: AsyncIterable<readonly WideRow[]>): Promise<readonly WideRow[]> {
  const rows: WideRow[] = [];
  for await (const batch of batches) rows.push(...batch);
  return rows;
}

/** Defects in changing rows. */
const mutations: readonly Mutation<Store>[] = [
  {
    name: 'lost write: of a row that is twice in a batch only the last change is applied',
    change: (real) => ({
      mutateRows: async (table, batch, options) => {
        const last = new Map(batch.map((mutation) => [keyOf(mutation.key), mutation]));
        const outcomes = await real.mutateRows(table, [...last.values()], options);
        return batch.map((_, i) => outcomes[i] ?? { status: 'applied' });
      },
    }),
  },
  {
    name: 'non-atomic row: changed cell by cell',
    change: (real) => ({
      mutateRows: async (table, batch, options) => {
        const outcomes = [];
        for (const mutation of batch) {
          for (const part of cellByCell(mutation)) {
            outcomes.push((await real.mutateRows(table, [part], options))[0]!);
            if (batch.length === 1) await tick();
          }
          outcomes.splice(outcomes.length - cellByCell(mutation).length + 1);
        }
        return outcomes;
      },
    }),
  },
  {
    name: 'ignored condition',
    change: (real) => ({
      mutateRows: (table, batch, options) =>
        real.mutateRows(
          table,
          batch.map(({ onlyIf: _, ...mutation }) => mutation),
          options,
        ),
    }),
  },
  {
    name: 'compare-and-set with two winners: it looks, then writes',
    change: (real) => ({
      mutateRows: async (table, batch, options) => {
        const [{ onlyIf, ...mutation } = { key: new Uint8Array() }] = batch;
        if (batch.length !== 1 || onlyIf === undefined) return real.mutateRows(table, batch, options);
        const [row] = await real.readRows(table, [mutation.key], options);
        const isCell = (cell: { readonly family: string; readonly qualifier: Uint8Array }): boolean =>
          cell.family === onlyIf.family && keyOf(cell.qualifier) === keyOf(onlyIf.qualifier);
        const value = row?.cells.find(isCell)?.value;
        await tick();
        if ((value && keyOf(value)) !== (onlyIf.equals && keyOf(onlyIf.equals))) return [{ status: 'rejected' }];
        return real.mutateRows(table, [mutation], options);
      },
    }),
  },
  {
    name: 'outcomes out of order',
    change: (real) => ({
      mutateRows: async (table, batch, options) =>
        [...(await real.mutateRows(table, batch, options))].sort((a, b) => (a.status < b.status ? -1 : 1)),
    }),
  },
  {
    name: 'the time of a cell is lost',
    change: (real) => ({
      mutateRows: (table, batch, options) =>
        real.mutateRows(
          table,
          batch.map((mutation) => ({
            ...mutation,
            set: (mutation.set ?? []).map((cell) => ({ ...cell, at: Math.round(cell.at / 1_000) * 1_000 })),
          })),
          options,
        ),
    }),
  },
  {
    name: 'acknowledged before it is applied',
    change: (real) => ({
      mutateRows: async (table, batch, options) => {
        if (batch.some(({ onlyIf }) => onlyIf)) return real.mutateRows(table, batch, options);
        await real.readRows(table, [], options);
        void later(3).then(() => real.mutateRows(table, batch).catch(() => {}));
        return batch.map(() => ({ status: 'applied' }));
      },
    }),
  },
];

/** Defects in reading rows, and around the work of a call. */
const reads: readonly Mutation<Store>[] = [
  {
    name: 'scan out of byte order: by the text of the key',
    change: (real) => ({
      async *scanRows(table, range, options) {
        const text = ({ key }: WideRow): string => Buffer.from(key).toString('utf8');
        const rows = [...(await all(real.scanRows(table, range, options)))].sort((a, b) =>
          text(a) < text(b) ? -1 : 1,
        );
        for (let at = 0; at < rows.length; at += 100) yield rows.slice(at, at + 100);
      },
    }),
  },
  {
    name: 'the end of a scan is inclusive',
    change: (real) => ({
      scanRows: (table, { end, ...range }, options) =>
        real.scanRows(table, end ? { ...range, end: Buffer.concat([end, Buffer.of(0)]) } : range, options),
    }),
  },
  {
    name: 'a limit counts rows that a filter drops',
    change: (real) => ({
      async *scanRows(table, range, options) {
        const { families, ...rest } = range;
        const rows = await all(real.scanRows(table, rest, options));
        const kept = rows.filter(({ cells }) => !families || cells.some(({ family }) => families.includes(family)));
        for (let at = 0; at < kept.length; at += 100) yield kept.slice(at, at + 100);
      },
    }),
  },
  {
    name: 'a scan ends after 1,000 rows',
    change: (real) => ({
      scanRows: (table, range, options) =>
        real.scanRows(table, { ...range, limit: Math.min(range.limit ?? 1_000, 1_000) }, options),
    }),
  },
  {
    name: 'stale read: as it was a moment ago',
    change: (real) => {
      const known = new Map<string, Promise<readonly (WideRow | undefined)[]>>();
      return {
        readRows: (table, keys, options) => {
          const name = `${table}/${keys.map(keyOf).join()}/${options?.families?.join()}`;
          const before = known.get(name);
          const now = real.readRows(table, keys, options);
          if (before !== undefined) return before;
          known.set(name, now);
          setTimeout(() => known.delete(name), 20);
          return now;
        },
      };
    },
  },
  {
    name: 'ignored time to live',
    change: (real) => ({
      ensureTables: (tables) =>
        real.ensureTables(
          tables.map(({ name, families }) => ({
            name,
            families: Object.fromEntries(Object.keys(families).map((family) => [family, { reason: 'ignored' }])),
          })),
        ),
    }),
  },
  { name: 'ignored abort', change: (real) => ({ mutateRows: (table, batch) => real.mutateRows(table, batch) }) },
  { name: 'works after close', change: () => ({ close: () => {} }) },
];

export const brokenOfflineStores: readonly Mutation<Store>[] = [...mutations, ...reads];
