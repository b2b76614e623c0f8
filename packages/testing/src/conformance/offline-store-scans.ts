import type { OfflineStore } from '@milonga/core';
import { expect, test } from 'vitest';
import { bytes, text } from './expectations.ts';
import { cell, type OfflineSubject, read, scan, set, shown } from './offline-store-subject.ts';

/** Ranges: order, bounds, limits, writes during a scan. */
export function testScans(it: OfflineSubject): void {
  const keysOf = async (table: string, range: Parameters<OfflineStore['scanRows']>[1]): Promise<readonly number[][]> =>
    (await scan(it.store(), table, range)).map(({ key }) => [...key]);

  test('rows come in ascending byte order of their keys, start inclusive, end exclusive', async () => {
    const table = await it.table();
    // U+FF5E and U+1F511 in UTF-8: as texts of JavaScript they come in the other order.
    const [wave, key] = [
      [0xef, 0xbd, 0x9e],
      [0xf0, 0x9f, 0x94, 0x91],
    ] as const;
    const keys = [[0], [0, 0], [0, 1], [1], [1, 255], [2], [127], [128], wave, key, [255], [255, 255]];
    await it.store().mutateRows(
      table,
      [...keys].reverse().map((key) => ({ key: Uint8Array.from(key), set: [cell('a', 'x', '1')] })),
    );
    expect(await keysOf(table, {})).toEqual(keys);
    expect(await keysOf(table, { start: Uint8Array.of(0, 1), end: Uint8Array.of(2) })).toEqual([[0, 1], [1], [1, 255]]);
    expect(await keysOf(table, { start: Uint8Array.of(200) })).toEqual([wave, key, [255], [255, 255]]);
    expect(await keysOf(table, { end: Uint8Array.of(0, 0) })).toEqual([[0]]);
    expect(await keysOf(table, { start: Uint8Array.of(3), end: Uint8Array.of(3) })).toEqual([]);
    expect(await keysOf(table, { start: new Uint8Array(), limit: 3 })).toEqual([[0], [0, 0], [0, 1]]);
  });

  test('a limit counts rows, a filter of families drops rows without a cell in them', async () => {
    const table = await it.table();
    await it.store().mutateRows(
      table,
      Array.from({ length: 50 }, (_, i) =>
        set(String(i).padStart(3, '0'), cell(i % 2 === 0 ? 'a' : 'b', 'x', String(i))),
      ),
    );
    const rows = await scan(it.store(), table, { families: ['b'], limit: 3 });
    expect(rows.map(shown)).toEqual([['b:x=1'], ['b:x=3'], ['b:x=5']]);
    expect(await scan(it.store(), table, { limit: 0 })).toEqual([]);
  });

  test('streams thousands of rows in batches, and can be left early', async () => {
    const table = await it.table();
    const names = Array.from({ length: 3_000 }, (_, i) => String(i).padStart(5, '0'));
    await it.store().mutateRows(
      table,
      names.map((key) => set(key, cell('a', 'x', key))),
    );
    let batches = 0;
    for await (const batch of it.store().scanRows(table, {})) {
      batches += 1;
      expect(batch.length).toBeLessThan(3_000);
    }
    expect(batches).toBeGreaterThan(1);
    for await (const batch of it.store().scanRows(table, {})) {
      expect(batch.length).toBeGreaterThan(0);
      break;
    }
    expect((await scan(it.store(), table, {})).map(({ key }) => text(key))).toEqual(names);
  });

  test('rows that are there all the time are seen exactly once, whatever is written meanwhile', async () => {
    const table = await it.table();
    const names = Array.from({ length: 1_500 }, (_, i) => `stable-${String(i).padStart(5, '0')}`);
    await it.store().mutateRows(
      table,
      names.map((key) => set(key, cell('a', 'x', '0'))),
    );
    const seen: string[] = [];
    let i = 0;
    for await (const batch of it.store().scanRows(table, {})) {
      seen.push(...batch.map(({ key }) => text(key)!).filter((key) => key.startsWith('stable')));
      await it
        .store()
        .mutateRows(table, [
          set(`passing-${i}`, cell('a', 'x', '1')),
          set(names[(i * 37) % 1_500]!, cell('a', 'y', '1')),
          { key: bytes(`passing-${i - 1}`), deleteRow: true },
        ]);
      i += 1;
    }
    expect(seen).toEqual(names);
  });
}

/** Families whose cells expire. */
export function testExpiry(it: OfflineSubject): void {
  test('a cell past the time to live of its family is never returned', async () => {
    const { clock, unitMs, pass } = it.time();
    const table = await it.table();
    const at = clock.now();
    await it
      .store()
      .mutateRows(table, [
        set('both', cell('brief', 'x', '1', at), cell('a', 'x', '2', at)),
        set('brief', cell('brief', 'x', '3', at)),
        set('later', cell('brief', 'x', '4', at + unitMs * 2)),
      ]);
    expect(await read(it, table, ['both', 'brief', 'later'])).toEqual([
      ['a:x=2', 'brief:x=1'],
      ['brief:x=3'],
      ['brief:x=4'],
    ]);
    await pass(unitMs);
    expect(await read(it, table, ['both', 'brief', 'later'])).toEqual([['a:x=2'], undefined, ['brief:x=4']]);
    expect((await scan(it.store(), table, {})).map(shown)).toEqual([['a:x=2'], ['brief:x=4']]);
    expect(await read(it, table, ['both'], ['brief'])).toEqual([undefined]);
  });

  test('a condition takes such a cell for absent, and a write does not bring it back', async () => {
    const { clock, unitMs, pass } = it.time();
    const table = await it.table();
    await it.store().mutateRows(table, [set('row', cell('brief', 'x', '1', clock.now()))]);
    await pass(unitMs);
    const onlyIf = (equals: Uint8Array | undefined) => ({ family: 'brief', qualifier: bytes('x'), equals });
    const outcomes = await it.store().mutateRows(table, [
      { ...set('row', cell('a', 'y', '2')), onlyIf: onlyIf(bytes('1')) },
      { ...set('row', cell('a', 'y', '3')), onlyIf: onlyIf(undefined) },
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'applied']);
    expect(await read(it, table, ['row'])).toEqual([['a:y=3']]);
  });
}
