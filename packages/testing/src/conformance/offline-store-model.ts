import type { Cell, RowMutation, WideRow } from '@milonga/core';
import { expect, test } from 'vitest';
import { random } from './expectations.ts';
import type { OfflineSubject } from './offline-store-subject.ts';

/** Family and qualifier, then value and time, of every cell of a row, in order. */
type ModelRow = Map<string, string>;

/** The contract in thirty lines: what any sequence of mutations must come to. */
class RowsModel {
  readonly rows = new Map<string, ModelRow>();

  apply(mutation: RowMutation): string {
    const key = hex(mutation.key);
    const row: ModelRow = new Map(this.rows.get(key));
    if (mutation.onlyIf !== undefined) {
      const value = row.get(`${mutation.onlyIf.family}:${hex(mutation.onlyIf.qualifier)}`)?.split('@')[0];
      const wanted = mutation.onlyIf.equals === undefined ? undefined : hex(mutation.onlyIf.equals);
      if (value !== wanted) return 'rejected';
    }
    if (mutation.deleteRow === true) row.clear();
    for (const { family, qualifier } of mutation.delete ?? []) row.delete(`${family}:${hex(qualifier)}`);
    for (const { family, qualifier, value, at } of mutation.set ?? [])
      row.set(`${family}:${hex(qualifier)}`, `${hex(value)}@${at}`);
    if (row.size === 0) this.rows.delete(key);
    else this.rows.set(key, row);
    return 'applied';
  }
}

const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');
const sorted = (row: ModelRow): readonly string[] => [...row].map(([cell, value]) => `${cell}=${value}`).sort();
const shown = (row: WideRow): readonly string[] =>
  row.cells.map(({ family, qualifier, value, at }) => `${family}:${hex(qualifier)}=${hex(value)}@${at}`);

/** Random batches of mutations on few rows, so that they meet; the store must agree with the model after each. */
export function testModelOfRows(it: OfflineSubject): void {
  test.each([11, 22, 33])('any sequence of mutations gives what the model gives (seed %i)', async (seed) => {
    const table = await it.table();
    const model = new RowsModel();
    const make = mutationsFrom(random(seed));
    for (let round = 0; round < 25; round += 1) {
      const mutations = Array.from({ length: round === 7 ? 300 : 8 }, make);
      const outcomes = await it.store().mutateRows(table, mutations);
      expect(outcomes.map(({ status }) => status)).toEqual(mutations.map((mutation) => model.apply(mutation)));
      const rows = new Map<string, readonly string[]>();
      for await (const batch of it.store().scanRows(table, {}))
        for (const row of batch) rows.set(hex(row.key), shown(row));
      expect([...rows.keys()]).toEqual([...model.rows.keys()].sort());
      for (const [key, row] of model.rows) expect([...rows.get(key)!].sort()).toEqual(sorted(row));
    }
  });
}

function mutationsFrom(next: () => number): () => RowMutation {
  const below = (count: number): number => Math.floor(next() * count);
  const some = (count: number): Uint8Array =>
    Uint8Array.from({ length: below(count) }, () => [0, 1, 127, 128, 255][below(5)]!);
  const family = (): string => (next() < 0.5 ? 'a' : 'b');
  const cell = (): Cell => ({
    family: family(),
    qualifier: some(3),
    value: some(next() < 0.1 ? 600 : 3),
    at: below(1_000),
  });
  return () => {
    const mutation: RowMutation = {
      key: Uint8Array.of(1 + below(2), ...some(2)),
      set: Array.from({ length: below(4) }, cell),
    };
    return {
      ...mutation,
      ...(next() < 0.3 && {
        delete: Array.from({ length: below(3) }, () => ({ family: family(), qualifier: some(3) })),
      }),
      ...(next() < 0.1 && { deleteRow: true }),
      ...(next() < 0.3 && {
        onlyIf: { family: family(), qualifier: some(2), equals: next() < 0.5 ? undefined : some(2) },
      }),
    };
  };
}
