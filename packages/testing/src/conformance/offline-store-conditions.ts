import type { RowMutation } from '@milonga/core';
import { expect, test } from 'vitest';
import { bytes, pause, text } from './expectations.ts';
import { cell, type OfflineSubject, read, set } from './offline-store-subject.ts';

/** Conditional mutations, alone and under many writers. */
export function testConditions(it: OfflineSubject): void {
  const when = (equals: string | undefined) => ({
    family: 'a',
    qualifier: bytes('v'),
    equals: equals === undefined ? undefined : bytes(equals),
  });

  test('applied when the cell has exactly this value, or must be absent and is; else nothing changes', async () => {
    const table = await it.table();
    const status = async (mutation: RowMutation): Promise<string> =>
      (await it.store().mutateRows(table, [mutation]))[0]!.status;
    expect(await status({ ...set('row', cell('a', 'v', '1')), onlyIf: when('0') })).toBe('rejected');
    expect(await status({ ...set('row', cell('a', 'v', '1')), onlyIf: when(undefined) })).toBe('applied');
    expect(await status({ ...set('row', cell('a', 'v', '2'), cell('b', 'w', '2')), onlyIf: when(undefined) })).toBe(
      'rejected',
    );
    expect(await status({ key: bytes('row'), deleteRow: true, onlyIf: when('11') })).toBe('rejected');
    expect(
      await status({ key: bytes('row'), delete: [{ family: 'a', qualifier: bytes('v') }], onlyIf: when('') }),
    ).toBe('rejected');
    expect(await read(it, table, ['row'])).toEqual([['a:v=1']]);
    expect(await status({ ...set('row', cell('a', 'v', '2')), onlyIf: when('1') })).toBe('applied');
    expect(await read(it, table, ['row'])).toEqual([['a:v=2']]);
  });

  test('of any number of racing writers with one condition exactly one is applied', async () => {
    const table = await it.table();
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        it.store().mutateRows(table, [{ ...set('row', cell('a', 'v', String(i))), onlyIf: when(undefined) }]),
      ),
    );
    expect(outcomes.flat().filter(({ status }) => status === 'applied').length).toBe(1);
    expect(outcomes.flat().filter(({ status }) => status === 'rejected').length).toBe(29);
  });

  test('a counter that many writers raise by condition loses no step', async () => {
    const table = await it.table();
    const raise = async (): Promise<void> => {
      for (let attempt = 0; attempt < 1_000; attempt += 1) {
        const [row] = await it.store().readRows(table, [bytes('row')]);
        const now = text(row?.cells[0]?.value);
        const [outcome] = await it
          .store()
          .mutateRows(table, [{ ...set('row', cell('a', 'v', String(Number(now ?? 0) + 1))), onlyIf: when(now) }]);
        if (outcome!.status === 'applied') return;
        await pause(0);
      }
    };
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let i = 0; i < 10; i += 1) await raise();
      }),
    );
    expect(await read(it, table, ['row'])).toEqual([['a:v=80']]);
  });
}
