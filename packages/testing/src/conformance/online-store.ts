import type { OnlineStore } from '@milonga/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultyOnlineStore } from '../chaos/faulty-online-store.ts';
import { settledOnlineStore } from './consistency.ts';
import { abortedSignal, bytes, expectCode, fresh } from './expectations.ts';
import { testUnderFaults, throughFaults } from './fault-run.ts';
import { testExpiry } from './online-store-expiry.ts';
import { onlineStoreHistory } from './online-store-history.ts';
import { testLists } from './online-store-lists.ts';
import { testRows } from './online-store-rows.ts';
import {
  forever,
  list,
  type OnlineStoreConformance,
  type OnlineSubject,
  packed,
  read,
} from './online-store-subject.ts';
import { type PassingTime, passingTime } from './passing-time.ts';
import { withWrapped } from './wrapped-creation.ts';

/**
 * Checks every sentence of the `OnlineStore` contract.
 *
 * @example
 * ```ts
 * testOnlineStore('memory', { create: (clock) => new MemoryOnlineStore(clock), close: (store) => store.close() });
 * ```
 */
export function testOnlineStore(name: string, author: OnlineStoreConformance): void {
  const given = withWrapped<OnlineStore, OnlineStoreConformance>(author, (store) =>
    settledOnlineStore(store, author.consistency),
  );
  const options = throughFaults<OnlineStore, OnlineStoreConformance>(given, faultyOnlineStore);
  describe(`${name} conforms to OnlineStore`, () => {
    let time: PassingTime;
    let store: OnlineStore;
    beforeAll(async () => {
      time = passingTime(options.timeToLive ?? { by: 'clock' });
      store = await options.create(time.clock);
    });
    afterAll(() => options.close(store));
    const it: OnlineSubject = { store: () => store, time: () => time };
    describe('rows', () => testRows(it));
    describe('time to live', () => testExpiry(it));
    describe('lists', () => testLists(it));
    describe('calls', () => testCalls(it, options));
    testUnderFaults(options.chaos, 'what was acknowledged is there, what is read is right', async (run) => {
      const real = await given.create(time.clock);
      await onlineStoreHistory(real, run);
      await given.close(real);
    });
  });
}

function testCalls(it: OnlineSubject, options: OnlineStoreConformance): void {
  test('placement is stable and within the slots', () => {
    const { slots } = it.store();
    expect(slots).toBeGreaterThanOrEqual(1);
    for (const key of ['a', 'b', '{tag}c', 'ключ', fresh('any')]) {
      const slot = it.store().placement(key);
      expect(Number.isInteger(slot) && slot >= 0 && slot < slots).toBe(true);
      expect(it.store().placement(key)).toBe(slot);
    }
  });

  test('a cancelled call rejects with MILONGA_ABORTED', async () => {
    const signal = abortedSignal();
    const key = fresh('row');
    await expectCode(it.store().readRows([key], ['x'], { signal }), 'MILONGA_ABORTED');
    await expectCode(
      it.store().writeRows([{ key, columns: packed({ x: '1' }), timeToLive: forever }], { signal }),
      'MILONGA_ABORTED',
    );
    await expectCode(it.store().deleteRows([key], { signal }), 'MILONGA_ABORTED');
    await expectCode(
      it.store().appendLists([{ key, values: [bytes('1')], maxLength: 1, timeToLive: forever }], { signal }),
      'MILONGA_ABORTED',
    );
    await expectCode(it.store().readLists([key], { limit: 1, signal }), 'MILONGA_ABORTED');
    expect(await read(it, [key], ['x'])).toEqual([undefined]);
    expect(await list(it, key)).toEqual([]);
  });

  test('after close every call rejects with MILONGA_CLOSED', async () => {
    const store = await options.create(it.time().clock);
    await options.close(store);
    await expectCode(store.readRows(['k'], ['x']), 'MILONGA_CLOSED');
    await expectCode(
      store.writeRows([{ key: 'k', columns: packed({ x: '1' }), timeToLive: forever }]),
      'MILONGA_CLOSED',
    );
    await expectCode(store.deleteRows(['k']), 'MILONGA_CLOSED');
    await expectCode(
      store.appendLists([{ key: 'k', values: [bytes('1')], maxLength: 1, timeToLive: forever }]),
      'MILONGA_CLOSED',
    );
    await expectCode(store.readLists(['k'], { limit: 1 }), 'MILONGA_CLOSED');
  });
}
