import type { Clock, OnlineStore } from '@milonga/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultyOnlineStore } from '../chaos/faulty-online-store.ts';
import { type Consistency, settledOnlineStore } from './consistency.ts';
import { abortedSignal, bytes, during, expectCode, fresh, text } from './expectations.ts';
import { type ChaosOptions, testUnderFaults, throughFaults } from './fault-run.ts';
import { onlineStoreHistory } from './online-store-history.ts';
import { type PassingTime, passingTime, type TimeToLiveBy } from './passing-time.ts';
import { withWrapped } from './wrapped-creation.ts';

/** What {@link testOnlineStore} needs to know of a store. */
export interface OnlineStoreConformance {
  /** A store that decides by this clock. It may hold other data; the suite uses keys of its own. */
  readonly create: (clock: Clock) => OnlineStore | Promise<OnlineStore>;
  readonly close: (store: OnlineStore) => void | Promise<void>;
  /** Default: by the clock. */
  readonly timeToLive?: TimeToLiveBy;
  /** Default: 'read-your-writes'. */
  readonly consistency?: Consistency;
  /** Runs the checks through a fault layer, and a history under faults besides. Default: no faults. */
  readonly chaos?: ChaosOptions;
}

const forever = { forever: 'a test' };

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
    const it: Subject = { store: () => store, time: () => time };
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

interface Subject {
  readonly store: () => OnlineStore;
  readonly time: () => PassingTime;
}

const write = (it: Subject, key: string, columns: Record<string, string>): Promise<void> =>
  it.store().writeRows([{ key, columns: packed(columns), timeToLive: forever }]);
const packed = (columns: Record<string, string>): Record<string, Uint8Array> =>
  Object.fromEntries(Object.entries(columns).map(([name, value]) => [name, bytes(value)]));
const read = async (it: Subject, keys: readonly string[], columns: readonly string[]): Promise<unknown> =>
  (await it.store().readRows(keys, columns)).map((row) => row?.map(text));

function testRows(it: Subject): void {
  test('one entry per key, in order, undefined where absent; the same key twice gives the same row twice', async () => {
    const [a, b, absent] = [fresh('a'), fresh('b'), fresh('absent')];
    await write(it, a, { x: '1', y: '2' });
    await write(it, b, { y: '3' });
    expect(await read(it, [b, absent, a, b], ['x', 'y', 'never'])).toEqual([
      [undefined, '3', undefined],
      undefined,
      ['1', '2', undefined],
      [undefined, '3', undefined],
    ]);
  });

  test('columns come in the order of the ask, also when one is asked for twice', async () => {
    const key = fresh('row');
    await write(it, key, { x: '1', y: '2' });
    expect(await read(it, [key], ['y', 'x', 'y'])).toEqual([['2', '1', '2']]);
  });

  test('no keys give no rows; no columns tell which rows are there', async () => {
    const key = fresh('row');
    await write(it, key, { x: '1' });
    expect(await read(it, [], ['x'])).toEqual([]);
    expect(await read(it, [key, fresh('absent')], [])).toEqual([[], undefined]);
  });

  test('a write sets its columns and leaves the others', async () => {
    const key = fresh('row');
    await write(it, key, { x: '1', y: '2' });
    await write(it, key, { y: 'two', z: '3' });
    expect(await read(it, [key], ['x', 'y', 'z'])).toEqual([['1', 'two', '3']]);
  });

  test('the same key twice in a batch applies in order', async () => {
    const key = fresh('row');
    await it.store().writeRows([
      { key, columns: packed({ x: 'first', y: 'kept' }), timeToLive: forever },
      { key, columns: packed({ x: 'second' }), timeToLive: forever },
    ]);
    expect(await read(it, [key], ['x', 'y'])).toEqual([['second', 'kept']]);
  });

  test('deleted rows are gone; deleting an absent row does nothing', async () => {
    const [key, other] = [fresh('row'), fresh('other')];
    await write(it, key, { x: '1' });
    await write(it, other, { x: '2' });
    await it.store().deleteRows([key, fresh('absent'), key]);
    await it.store().deleteRows([]);
    expect(await read(it, [key, other], ['x'])).toEqual([undefined, ['2']]);
  });

  test('keys and columns may be any text', async () => {
    const odd = ['ключ', '鍵', '🔑', 'a b', 'a:b', '{a}b', 'a/b', 'a\u0000b', "'; --", 'x'.repeat(500)].map((part) =>
      fresh(part),
    );
    const common = fresh('y'.repeat(400));
    const alike = ['1', '2', '\u0000', '\u00001', 'É', 'E\u0301', 'é', ' '].map((end) => common + end);
    const keys = [...odd, ...alike];
    for (const key of keys) await write(it, key, { größe: key, 'with space': '1' });
    expect(await read(it, keys, ['größe', 'with space'])).toEqual(keys.map((key) => [key, '1']));
  });

  test('values may be any bytes: none, all 256, a megabyte; and are not changed by what the caller does to theirs', async () => {
    const key = fresh('row');
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    const large = new Uint8Array(1024 * 1024).fill(7);
    const own = bytes('before');
    await it.store().writeRows([{ key, columns: { none: new Uint8Array(), all, large, own }, timeToLive: forever }]);
    own.fill(0);
    const [row] = await it.store().readRows([key], ['none', 'all', 'large', 'own']);
    expect(row?.[0]?.length).toBe(0);
    expect(Buffer.compare(row![1]!, all)).toBe(0);
    expect(Buffer.compare(row![2]!, large)).toBe(0);
    expect(text(row![3])).toBe('before');
  });

  test('thousands of rows in one call', async () => {
    const keys = Array.from({ length: 5_000 }, () => fresh('many'));
    await it.store().writeRows(keys.map((key) => ({ key, columns: packed({ self: key }), timeToLive: forever })));
    expect(await read(it, keys, ['self'])).toEqual(keys.map((key) => [key]));
  });

  test('a row is atomic: a reader never sees half a write', async () => {
    const key = fresh('row');
    await write(it, key, { a: '0', b: '0' });
    const writer = (async () => {
      for (let i = 1; i <= 200; i += 1) await write(it, key, { a: String(i), b: String(i) });
    })();
    await during(writer, async () => {
      const [row] = await it.store().readRows([key], ['a', 'b']);
      expect(text(row![0])).toBe(text(row![1]));
    });
    expect(await read(it, [key], ['a', 'b'])).toEqual([['200', '200']]);
  });

  test('writers of different columns of one row do not undo each other', async () => {
    const key = fresh('row');
    await Promise.all(Array.from({ length: 40 }, (_, i) => write(it, key, { [`c${i}`]: String(i) })));
    const columns = Array.from({ length: 40 }, (_, i) => `c${i}`);
    expect(await read(it, [key], columns)).toEqual([columns.map((_, i) => String(i))]);
  });
}

function testExpiry(it: Subject): void {
  test('a row is there before its time is over and gone after', async () => {
    const { unitMs, pass } = it.time();
    const [short, kept] = [fresh('short'), fresh('kept')];
    await it.store().writeRows([
      { key: short, columns: packed({ x: '1' }), timeToLive: { ttlMs: unitMs } },
      { key: kept, columns: packed({ x: '2' }), timeToLive: forever },
    ]);
    expect(await read(it, [short, kept], ['x'])).toEqual([['1'], ['2']]);
    await pass(unitMs);
    expect(await read(it, [short, kept], ['x'])).toEqual([undefined, ['2']]);
  });

  test('a write replaces the time to live of the whole row', async () => {
    const { unitMs, pass } = it.time();
    const [extended, shortened] = [fresh('extended'), fresh('shortened')];
    await it.store().writeRows([
      { key: extended, columns: packed({ x: '1' }), timeToLive: { ttlMs: unitMs } },
      { key: shortened, columns: packed({ x: '1' }), timeToLive: forever },
      { key: extended, columns: packed({ y: '2' }), timeToLive: { ttlMs: unitMs * 60 } },
      { key: shortened, columns: packed({ y: '2' }), timeToLive: { ttlMs: unitMs } },
    ]);
    await pass(unitMs);
    expect(await read(it, [extended, shortened], ['x', 'y'])).toEqual([['1', '2'], undefined]);
  });

  test('columns of an expired row do not come back with the next write', async () => {
    const { unitMs, pass } = it.time();
    const key = fresh('row');
    await it.store().writeRows([{ key, columns: packed({ old: '1' }), timeToLive: { ttlMs: unitMs } }]);
    await pass(unitMs);
    await write(it, key, { fresh: '2' });
    expect(await read(it, [key], ['old', 'fresh'])).toEqual([[undefined, '2']]);
  });

  test('lists expire as rows do, and begin anew', async () => {
    const { unitMs, pass } = it.time();
    const key = fresh('list');
    await it.store().appendLists([{ key, values: [bytes('old')], maxLength: 9, timeToLive: { ttlMs: unitMs } }]);
    expect(await list(it, key)).toEqual(['old']);
    await pass(unitMs);
    expect(await list(it, key)).toEqual([]);
    await it.store().appendLists([{ key, values: [bytes('new')], maxLength: 9, timeToLive: forever }]);
    expect(await list(it, key)).toEqual(['new']);
  });
}

const list = async (it: Subject, key: string, limit = 1_000): Promise<unknown> =>
  (await it.store().readLists([key], { limit }))[0]?.map(text);
const append = (it: Subject, key: string, values: readonly string[], maxLength: number): Promise<void> =>
  it.store().appendLists([{ key, values: values.map(bytes), maxLength, timeToLive: forever }]);

function testLists(it: Subject): void {
  test('newest last; a limit gives the newest, oldest of them first', async () => {
    const key = fresh('list');
    await append(it, key, ['1', '2'], 10);
    await append(it, key, ['3'], 10);
    expect(await list(it, key)).toEqual(['1', '2', '3']);
    expect(await list(it, key, 2)).toEqual(['2', '3']);
    expect(await list(it, key, 1)).toEqual(['3']);
  });

  test('a list keeps its newest values, also when one append brings more than it may hold', async () => {
    const key = fresh('list');
    await append(it, key, ['1', '2', '3', '4'], 3);
    expect(await list(it, key)).toEqual(['2', '3', '4']);
    await append(it, key, ['5'], 3);
    expect(await list(it, key)).toEqual(['3', '4', '5']);
    await append(it, key, ['6', '7', '8', '9'], 2);
    expect(await list(it, key)).toEqual(['8', '9']);
  });

  test('the same list twice in a batch applies in order', async () => {
    const key = fresh('list');
    const entry = (value: string) => ({ key, values: [bytes(value)], maxLength: 5, timeToLive: forever });
    await it.store().appendLists([entry('1'), entry('2'), entry('3')]);
    expect(await list(it, key)).toEqual(['1', '2', '3']);
  });

  test('one entry per key, in order, empty where absent', async () => {
    const [a, absent] = [fresh('a'), fresh('absent')];
    await append(it, a, ['1'], 5);
    const lists = await it.store().readLists([absent, a, a], { limit: 5 });
    expect(lists.map((values) => values.map(text))).toEqual([[], ['1'], ['1']]);
    expect(await it.store().readLists([], { limit: 5 })).toEqual([]);
  });

  test('an append of nothing changes no value', async () => {
    const key = fresh('list');
    await append(it, key, ['1'], 5);
    await append(it, key, [], 5);
    expect(await list(it, key)).toEqual(['1']);
  });

  test('values may be any bytes', async () => {
    const key = fresh('list');
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    await it.store().appendLists([{ key, values: [new Uint8Array(), all], maxLength: 5, timeToLive: forever }]);
    const [values] = await it.store().readLists([key], { limit: 5 });
    expect(values?.map((value) => [...value])).toEqual([[], [...all]]);
  });

  test('appends at the same time lose nothing', async () => {
    const key = fresh('list');
    const names = Array.from({ length: 60 }, (_, i) => String(i));
    await Promise.all(names.map((value) => append(it, key, [value], 100)));
    expect(((await list(it, key)) as string[]).sort()).toEqual([...names].sort());
  });
}

function testCalls(it: Subject, options: OnlineStoreConformance): void {
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
