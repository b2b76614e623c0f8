import type { Cell } from '@milonga/core';
import { expect, test } from 'vitest';
import { bytes, during, random, text } from './expectations.ts';
import { cell, type OfflineSubject, read, scan, set, shown } from './offline-store-subject.ts';

/** What a read gives: order, families, bytes. */
export function testReads(it: OfflineSubject): void {
  test('one entry per key, in order, undefined where absent; the same key twice gives the same row twice', async () => {
    const table = await it.table();
    await it.store().mutateRows(table, [set('1', cell('a', 'x', 'one')), set('2', cell('a', 'x', 'two'))]);
    expect(await read(it, table, ['2', 'absent', '1', '2'])).toEqual([
      ['a:x=two'],
      undefined,
      ['a:x=one'],
      ['a:x=two'],
    ]);
    expect(await read(it, table, [])).toEqual([]);
  });

  test('a row tells its key, and its cells their time', async () => {
    const table = await it.table();
    await it.store().mutateRows(table, [set('key', cell('a', 'x', 'one', 1_234))]);
    const [row] = await it.store().readRows(table, [bytes('key')]);
    expect(text(row?.key)).toBe('key');
    expect(row?.cells[0]?.at).toBe(1_234);
  });

  test('a fraction of a millisecond is kept, or refused where the store keeps none', async () => {
    const table = await it.table();
    const [outcome] = await it.store().mutateRows(table, [set('key', cell('a', 'x', 'one', 1_234.5))]);
    const [row] = await it.store().readRows(table, [bytes('key')]);
    if (it.keepsFractionsOfMs) expect(row?.cells[0]?.at).toBe(1_234.5);
    else {
      expect(outcome).toMatchObject({ status: 'failed', isRetryable: false });
      expect(row).toBe(undefined);
    }
  });

  test('cells come in order of family, then of the bytes of the qualifier', async () => {
    const table = await it.table();
    const qualifiers = [[], [0], [0, 0], [0, 255], [1], [127], [128], [255], [255, 0]].map((all) =>
      Uint8Array.from(all),
    );
    const cells = ['b', 'a'].flatMap((family) =>
      qualifiers.map((qualifier) => ({ family, qualifier, value: bytes('v'), at: 0 })),
    );
    await it.store().mutateRows(table, [{ key: bytes('key'), set: [...cells].reverse() }]);
    const [row] = await it.store().readRows(table, [bytes('key')]);
    expect(row?.cells.map(({ family, qualifier }) => [family, ...qualifier])).toEqual(
      ['a', 'b'].flatMap((family) => qualifiers.map((qualifier) => [family, ...qualifier])),
    );
  });

  test('only the asked families; undefined when the row has no cell in them', async () => {
    const table = await it.table();
    await it
      .store()
      .mutateRows(table, [set('1', cell('a', 'x', 'one'), cell('b', 'x', 'two')), set('2', cell('a', 'x', 'three'))]);
    expect(await read(it, table, ['1', '2'], ['b'])).toEqual([['b:x=two'], undefined]);
    expect(await read(it, table, ['1', '2'], ['b', 'a'])).toEqual([['a:x=one', 'b:x=two'], ['a:x=three']]);
  });

  test('keys may be any bytes, values too', async () => {
    const table = await it.table();
    const keys = [
      [0],
      [0, 0],
      [255],
      [255, 255],
      [128, 0, 1],
      [...bytes('ключ 🔑')],
      new Array<number>(1_000).fill(9),
    ].map((all) => Uint8Array.from(all));
    const value = Uint8Array.from({ length: 256 }, (_, i) => i);
    const cells = (i: number): Cell[] => [
      { family: 'a', qualifier: Uint8Array.of(i), value, at: 0 },
      { family: 'b', qualifier: bytes('none'), value: new Uint8Array(), at: 0 },
    ];
    await it.store().mutateRows(
      table,
      keys.map((key, i) => ({ key, set: cells(i) })),
    );
    const rows = await it.store().readRows(table, keys);
    rows.forEach((row, i) => {
      expect([...row!.cells[0]!.qualifier]).toEqual([i]);
      expect(Buffer.compare(row!.cells[0]!.value, value)).toBe(0);
      expect(row!.cells[1]!.value.length).toBe(0);
    });
  });

  test('what was read stays as it was, whatever is read or written later', async () => {
    const table = await it.table();
    await it.store().mutateRows(table, [set('1', cell('a', 'x', 'one')), set('2', cell('a', 'x', 'two'))]);
    const [before] = await it.store().readRows(table, [bytes('1')]);
    await it.store().mutateRows(table, [set('1', cell('a', 'x', 'changed'))]);
    await it.store().readRows(table, [bytes('2'), bytes('1')]);
    expect(shown(before)).toEqual(['a:x=one']);
  });
}

/** What a mutation does: sets, deletes, order, atomicity. */
export function testMutations(it: OfflineSubject): void {
  test('one outcome per mutation, in order; an empty batch has none', async () => {
    const table = await it.table();
    const absent = { family: 'a', qualifier: bytes('x'), equals: bytes('never') };
    const outcomes = await it
      .store()
      .mutateRows(table, [
        set('1', cell('a', 'x', '1')),
        { ...set('2', cell('a', 'x', '1')), onlyIf: absent },
        set('3'),
      ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['applied', 'rejected', 'applied']);
    expect(await it.store().mutateRows(table, [])).toEqual([]);
  });

  test('a cell has one version: a set replaces it, its time too', async () => {
    const table = await it.table();
    await it.store().mutateRows(table, [set('1', cell('a', 'x', 'old', 10), cell('a', 'y', 'kept', 10))]);
    await it.store().mutateRows(table, [set('1', cell('a', 'x', 'new, and longer', 5))]);
    const [row] = await it.store().readRows(table, [bytes('1')]);
    expect(row?.cells.map(({ value, at }) => [text(value), at])).toEqual([
      ['new, and longer', 5],
      ['kept', 10],
    ]);
  });

  test('deletes cells and rows; a row without cells does not exist', async () => {
    const table = await it.table();
    const gone = (family: string, qualifier: string) => ({ family, qualifier: bytes(qualifier) });
    await it.store().mutateRows(
      table,
      ['1', '2', '3', '4'].map((key) => set(key, cell('a', 'x', '1'), cell('b', 'x', '2'))),
    );
    const outcomes = await it.store().mutateRows(table, [
      { key: bytes('1'), delete: [gone('a', 'x')] },
      { key: bytes('2'), delete: [gone('a', 'x'), gone('b', 'x'), gone('a', 'absent')] },
      { key: bytes('3'), deleteRow: true },
      { key: bytes('4'), deleteRow: true, set: [cell('a', 'y', 'after')] },
      { key: bytes('absent'), deleteRow: true, delete: [gone('a', 'x')] },
    ]);
    expect(outcomes.every(({ status }) => status === 'applied')).toBe(true);
    expect(await read(it, table, ['1', '2', '3', '4', 'absent'])).toEqual([
      ['b:x=2'],
      undefined,
      undefined,
      ['a:y=after'],
      undefined,
    ]);
    expect((await scan(it.store(), table, {})).map(({ key }) => text(key))).toEqual(['1', '4']);
  });

  test('two mutations of one row in one batch apply in order', async () => {
    const table = await it.table();
    const key = bytes('row');
    await it
      .store()
      .mutateRows(table, [
        set('row', cell('a', 'x', '1')),
        { key, deleteRow: true },
        set('row', cell('a', 'y', '2')),
        set('other', cell('a', 'z', '0')),
        { ...set('row', cell('a', 'y', '3')), onlyIf: { family: 'a', qualifier: bytes('y'), equals: bytes('2') } },
      ]);
    expect(await read(it, table, ['row'])).toEqual([['a:y=3']]);
  });

  test('a batch of thousands, some rows many times', async () => {
    const table = await it.table();
    const next = random(1);
    const last = new Map<string, string>();
    const mutations = Array.from({ length: 6_000 }, (_, i) => {
      const key = `row-${Math.floor(next() * 2_000)}`;
      last.set(key, String(i));
      return set(key, cell('a', 'newest', String(i)), cell('a', `n${i}`, 'x'.repeat(50)));
    });
    const outcomes = await it.store().mutateRows(table, mutations);
    expect(outcomes.length).toBe(6_000);
    expect(outcomes.every(({ status }) => status === 'applied')).toBe(true);
    const rows = await it.store().readRows(table, [...last.keys()].map(bytes));
    expect(rows.map((row) => text(row!.cells.find(({ qualifier }) => text(qualifier) === 'newest')!.value))).toEqual([
      ...last.values(),
    ]);
    expect(rows.reduce((sum, row) => sum + row!.cells.length - 1, 0)).toBe(6_000);
  });

  test('large values, and bytes that the caller changes afterwards', async () => {
    const table = await it.table();
    const value = new Uint8Array(1024 * 1024).fill(3);
    const own = bytes('before');
    await it.store().mutateRows(table, [
      {
        key: bytes('1'),
        set: [
          { family: 'a', qualifier: bytes('q'), value, at: 0 },
          { family: 'b', qualifier: bytes('q'), value: own, at: 0 },
        ],
      },
    ]);
    own.fill(0);
    const [row] = await it.store().readRows(table, [bytes('1')]);
    expect(Buffer.compare(row!.cells[0]!.value, value)).toBe(0);
    expect(text(row!.cells[1]!.value)).toBe('before');
  });

  test('a row changes as a whole: a reader never sees half a mutation', async () => {
    const table = await it.table();
    const writer = (async () => {
      for (let i = 0; i < 200; i += 1)
        await it.store().mutateRows(table, [set('row', cell('a', 'x', String(i)), cell('b', 'x', String(i)))]);
    })();
    await during(writer, async () => {
      const [row] = await it.store().readRows(table, [bytes('row')]);
      if (row !== undefined) expect(text(row.cells[0]!.value)).toBe(text(row.cells[1]!.value));
    });
  });
}
