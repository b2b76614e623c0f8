import { type OfflineStore, systemClock } from '@milonga/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultyOfflineStore } from '../chaos/faulty-offline-store.ts';
import { abortedSignal, bytes, expectCode, fresh } from './expectations.ts';
import { testUnderFaults, throughFaults } from './fault-run.ts';
import { testConditions } from './offline-store-conditions.ts';
import { offlineStoreHistory } from './offline-store-history.ts';
import { testModelOfRows } from './offline-store-model.ts';
import { testMutations, testReads } from './offline-store-rows.ts';
import { testExpiry, testScans } from './offline-store-scans.ts';
import {
  cell,
  type OfflineStoreConformance,
  type OfflineSubject,
  read,
  scan,
  set,
  tableOf,
} from './offline-store-subject.ts';
import { type PassingTime, passingTime } from './passing-time.ts';

/**
 * Checks every sentence of the `OfflineStore` contract.
 *
 * @example
 * ```ts
 * testOfflineStore('memory', { create: (clock) => new MemoryOfflineStore(clock), close: (store) => store.close() });
 * ```
 */
export function testOfflineStore(name: string, given: OfflineStoreConformance): void {
  const options = throughFaults<OfflineStore, OfflineStoreConformance>(given, faultyOfflineStore);
  describe(`${name} conforms to OfflineStore`, () => {
    let time: PassingTime;
    let store: OfflineStore;
    beforeAll(async () => {
      time = passingTime(options.timeToLive ?? { by: 'clock' });
      store = await options.create(time.clock);
    });
    afterAll(() => options.close(store));
    const it: OfflineSubject = {
      store: () => store,
      time: () => time,
      keepsFractionsOfMs: options.keepsFractionsOfMs ?? true,
      table: async () => {
        const table = tableOf(fresh('table'), time.unitMs);
        await store.ensureTables([table]);
        return table.name;
      },
    };
    describe('reads', () => testReads(it));
    describe('mutations', () => testMutations(it));
    describe('conditions', () => testConditions(it));
    describe('scans', () => testScans(it));
    describe('time to live', () => testExpiry(it));
    describe('a model', () => testModelOfRows(it));
    describe('calls', () => testCalls(it, options));
    testUnderFaults(options.chaos, 'what was applied is there, rows are whole, counters are right', async (run) => {
      const real = await given.create(time.clock);
      const table = await it.table();
      await real.ensureTables([tableOf(table, time.unitMs)]);
      await offlineStoreHistory(real, table, run);
      await given.close(real);
    });
  });
}

function testCalls(it: OfflineSubject, options: OfflineStoreConformance): void {
  test('ensureTables is idempotent, keeps rows, and adds families', async () => {
    const table = await it.table();
    await it.store().mutateRows(table, [set('row', cell('a', 'x', '1'))]);
    const definition = tableOf(table, it.time().unitMs);
    await it.store().ensureTables([definition, definition]);
    await it.store().ensureTables([{ name: table, families: { ...definition.families, aa: { reason: 'a test' } } }]);
    await it.store().mutateRows(table, [set('row', cell('aa', 'x', '2'), cell('b', 'x', '3'))]);
    expect(await read(it, table, ['row'])).toEqual([['a:x=1', 'aa:x=2', 'b:x=3']]);
  });

  test('tables do not see each other', async () => {
    const [one, other] = [await it.table(), await it.table()];
    await it.store().mutateRows(one, [set('row', cell('a', 'x', '1'))]);
    expect(await read(it, other, ['row'])).toEqual([undefined]);
    expect(await scan(it.store(), other, {})).toEqual([]);
  });

  test('a table that was not ensured rejects with MILONGA_DEFINITION_INVALID', async () => {
    const name = fresh('never');
    await expectCode(it.store().readRows(name, [bytes('x')]), 'MILONGA_DEFINITION_INVALID');
    await expectCode(it.store().mutateRows(name, [set('x', cell('a', 'x', '1'))]), 'MILONGA_DEFINITION_INVALID');
    await expectCode(scan(it.store(), name, {}), 'MILONGA_DEFINITION_INVALID');
  });

  test('a cancelled call rejects with MILONGA_ABORTED', async () => {
    const table = await it.table();
    const signal = abortedSignal();
    await expectCode(it.store().readRows(table, [bytes('x')], { signal }), 'MILONGA_ABORTED');
    await expectCode(it.store().mutateRows(table, [set('x', cell('a', 'x', '1'))], { signal }), 'MILONGA_ABORTED');
    await expectCode(
      (async () => {
        for await (const _ of it.store().scanRows(table, {}, { signal }));
      })(),
      'MILONGA_ABORTED',
    );
    expect(await read(it, table, ['x'])).toEqual([undefined]);
  });

  test('after close every call rejects with MILONGA_CLOSED', async () => {
    const store = await options.create(systemClock());
    const definition = tableOf(fresh('closed'), 1_000);
    await store.ensureTables([definition]);
    await options.close(store);
    await expectCode(store.ensureTables([definition]), 'MILONGA_CLOSED');
    await expectCode(store.readRows(definition.name, [bytes('x')]), 'MILONGA_CLOSED');
    await expectCode(store.mutateRows(definition.name, [set('x', cell('a', 'x', '1'))]), 'MILONGA_CLOSED');
    await expectCode(scan(store, definition.name, {}), 'MILONGA_CLOSED');
  });
}
