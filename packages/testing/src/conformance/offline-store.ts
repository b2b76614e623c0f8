import { type Cell, type Clock, type OfflineStore, type RowMutation, systemClock, type WideRow, type WideTable } from '@milonga/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { abortedSignal, bytes, expectCode, fresh, random, text } from './expectations.ts';
import { testModelOfRows } from './offline-store-model.ts';
import { type PassingTime, passingTime, type TimeToLiveBy } from './passing-time.ts';

/** What {@link testOfflineStore} needs to know of a store. */
export interface OfflineStoreConformance {
  /** A store that decides by this clock. It may hold other data; the suite uses tables of its own. */
  readonly create: (clock: Clock) => OfflineStore | Promise<OfflineStore>;
  readonly close: (store: OfflineStore) => void | Promise<void>;
  /** Default: by the clock. */
  readonly timeToLive?: TimeToLiveBy;
}

/** A store under test with a table of its own. */
export interface OfflineSubject {
  readonly store: () => OfflineStore;
  readonly time: () => PassingTime;
  /** A new table with the families `a`, `b` and `brief`, the last with a time to live of one unit. */
  readonly table: () => Promise<string>;
}

/**
 * Checks every sentence of the `OfflineStore` contract.
 *
 * @example
 * ```ts
 * testOfflineStore('memory', { create: (clock) => new MemoryOfflineStore(clock), close: (store) => store.close() });
 * ```
 */
export function testOfflineStore(name: string, options: OfflineStoreConformance): void {
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
  });
}

const tableOf = (name: string, briefMs: number): WideTable =>
  ({ name, families: { b: { reason: 'a test' }, a: { reason: 'a test' }, brief: { ttlMs: briefMs } } });

const cell = (family: string, qualifier: string, value: string, at = 0): Cell => ({ family, qualifier: bytes(qualifier), value: bytes(value), at });
const set = (key: string, ...cells: readonly Cell[]): RowMutation => ({ key: bytes(key), set: cells });
/** `family:qualifier=value` for each cell. */
const shown = (row: WideRow | undefined): readonly string[] | undefined =>
  row?.cells.map(({ family, qualifier, value }) => `${family}:${text(qualifier)}=${text(value)}`);
const read = async (it: OfflineSubject, table: string, keys: readonly string[], families?: readonly string[]): Promise<unknown> =>
  (await it.store().readRows(table, keys.map(bytes), { ...(families && { families }) })).map(shown);
const scan = async (store: OfflineStore, table: string, range: Parameters<OfflineStore['scanRows']>[1]): Promise<readonly WideRow[]> => {
  const rows: WideRow[] = [];
  for await (const batch of store.scanRows(table, range)) {
    expect(batch.length).toBeGreaterThan(0);
    rows.push(...batch);
  }
  return rows;
};

function testReads(it: OfflineSubject): void {
  test('one entry per key, in order, undefined where absent; the same key twice gives the same row twice', async () => {
    const table = await it.table();
    await it.store().mutateRows(table, [set('1', cell('a', 'x', 'one')), set('2', cell('a', 'x', 'two'))]);
    expect(await read(it, table, ['2', 'absent', '1', '2'])).toEqual([['a:x=two'], undefined, ['a:x=one'], ['a:x=two']]);
    expect(await read(it, table, [])).toEqual([]);
  });

  test('a row tells its key, and its cells their time', async () => {
    const table = await it.table();
    await it.store().mutateRows(table, [set('key', cell('a', 'x', 'one', 1_234.5))]);
    const [row] = await it.store().readRows(table, [bytes('key')]);
    expect(text(row?.key)).toBe('key');
    expect(row?.cells[0]?.at).toBe(1_234.5);
  });

  test('cells come in order of family, then of the bytes of the qualifier', async () => {
    const table = await it.table();
    const qualifiers = [[], [0], [0, 0], [0, 255], [1], [127], [128], [255], [255, 0]].map((all) => Uint8Array.from(all));
    const cells = ['b', 'a'].flatMap((family) => qualifiers.map((qualifier) => ({ family, qualifier, value: bytes('v'), at: 0 })));
    await it.store().mutateRows(table, [{ key: bytes('key'), set: [...cells].reverse() }]);
    const [row] = await it.store().readRows(table, [bytes('key')]);
    expect(row?.cells.map(({ family, qualifier }) => [family, ...qualifier])).toEqual(
      ['a', 'b'].flatMap((family) => qualifiers.map((qualifier) => [family, ...qualifier])));
  });

  test('only the asked families; undefined when the row has no cell in them', async () => {
    const table = await it.table();
    await it.store().mutateRows(table, [set('1', cell('a', 'x', 'one'), cell('b', 'x', 'two')), set('2', cell('a', 'x', 'three'))]);
    expect(await read(it, table, ['1', '2'], ['b'])).toEqual([['b:x=two'], undefined]);
    expect(await read(it, table, ['1', '2'], ['b', 'a'])).toEqual([['a:x=one', 'b:x=two'], ['a:x=three']]);
  });

  test('keys may be any bytes, values too', async () => {
    const table = await it.table();
    const keys = [[0], [0, 0], [255], [255, 255], [128, 0, 1], [...bytes('ключ 🔑')], new Array<number>(1_000).fill(9)].map((all) => Uint8Array.from(all));
    const value = Uint8Array.from({ length: 256 }, (_, i) => i);
    const cells = (i: number): Cell[] => [
      { family: 'a', qualifier: Uint8Array.of(i), value, at: 0 }, { family: 'b', qualifier: bytes('none'), value: new Uint8Array(), at: 0 },
    ];
    await it.store().mutateRows(table, keys.map((key, i) => ({ key, set: cells(i) })));
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

function testMutations(it: OfflineSubject): void {
  test('one outcome per mutation, in order; an empty batch has none', async () => {
    const table = await it.table();
    const absent = { family: 'a', qualifier: bytes('x'), equals: bytes('never') };
    const outcomes = await it.store().mutateRows(table, [set('1', cell('a', 'x', '1')), { ...set('2', cell('a', 'x', '1')), onlyIf: absent }, set('3')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['applied', 'rejected', 'applied']);
    expect(await it.store().mutateRows(table, [])).toEqual([]);
  });

  test('a cell has one version: a set replaces it, its time too', async () => {
    const table = await it.table();
    await it.store().mutateRows(table, [set('1', cell('a', 'x', 'old', 10), cell('a', 'y', 'kept', 10))]);
    await it.store().mutateRows(table, [set('1', cell('a', 'x', 'new, and longer', 5))]);
    const [row] = await it.store().readRows(table, [bytes('1')]);
    expect(row?.cells.map(({ value, at }) => [text(value), at])).toEqual([['new, and longer', 5], ['kept', 10]]);
  });

  test('deletes cells and rows; a row without cells does not exist', async () => {
    const table = await it.table();
    const gone = (family: string, qualifier: string) => ({ family, qualifier: bytes(qualifier) });
    await it.store().mutateRows(table, ['1', '2', '3', '4'].map((key) => set(key, cell('a', 'x', '1'), cell('b', 'x', '2'))));
    const outcomes = await it.store().mutateRows(table, [
      { key: bytes('1'), delete: [gone('a', 'x')] },
      { key: bytes('2'), delete: [gone('a', 'x'), gone('b', 'x'), gone('a', 'absent')] },
      { key: bytes('3'), deleteRow: true },
      { key: bytes('4'), deleteRow: true, set: [cell('a', 'y', 'after')] },
      { key: bytes('absent'), deleteRow: true, delete: [gone('a', 'x')] },
    ]);
    expect(outcomes.every(({ status }) => status === 'applied')).toBe(true);
    expect(await read(it, table, ['1', '2', '3', '4', 'absent'])).toEqual([['b:x=2'], undefined, undefined, ['a:y=after'], undefined]);
    expect((await scan(it.store(), table, {})).map(({ key }) => text(key))).toEqual(['1', '4']);
  });

  test('two mutations of one row in one batch apply in order', async () => {
    const table = await it.table();
    const key = bytes('row');
    await it.store().mutateRows(table, [
      set('row', cell('a', 'x', '1')), { key, deleteRow: true }, set('row', cell('a', 'y', '2')), set('other', cell('a', 'z', '0')),
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
    expect(rows.map((row) => text(row!.cells.find(({ qualifier }) => text(qualifier) === 'newest')!.value))).toEqual([...last.values()]);
    expect(rows.reduce((sum, row) => sum + row!.cells.length - 1, 0)).toBe(6_000);
  });

  test('large values, and bytes that the caller changes afterwards', async () => {
    const table = await it.table();
    const value = new Uint8Array(1024 * 1024).fill(3);
    const own = bytes('before');
    await it.store().mutateRows(table, [{ key: bytes('1'), set: [{ family: 'a', qualifier: bytes('q'), value, at: 0 }, { family: 'b', qualifier: bytes('q'), value: own, at: 0 }] }]);
    own.fill(0);
    const [row] = await it.store().readRows(table, [bytes('1')]);
    expect(Buffer.compare(row!.cells[0]!.value, value)).toBe(0);
    expect(text(row!.cells[1]!.value)).toBe('before');
  });

  test('a row changes as a whole: a reader never sees half a mutation', async () => {
    const table = await it.table();
    let isWriting = true;
    const writer = (async () => {
      for (let i = 0; i < 200; i += 1) await it.store().mutateRows(table, [set('row', cell('a', 'x', String(i)), cell('b', 'x', String(i)))]);
      isWriting = false;
    })();
    while (isWriting) {
      const [row] = await it.store().readRows(table, [bytes('row')]);
      if (row !== undefined) expect(text(row.cells[0]!.value)).toBe(text(row.cells[1]!.value));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await writer;
  });
}

function testConditions(it: OfflineSubject): void {
  const when = (equals: string | undefined) => ({ family: 'a', qualifier: bytes('v'), equals: equals === undefined ? undefined : bytes(equals) });

  test('applied when the cell has exactly this value, or must be absent and is; else nothing changes', async () => {
    const table = await it.table();
    const status = async (mutation: RowMutation): Promise<string> => (await it.store().mutateRows(table, [mutation]))[0]!.status;
    expect(await status({ ...set('row', cell('a', 'v', '1')), onlyIf: when('0') })).toBe('rejected');
    expect(await status({ ...set('row', cell('a', 'v', '1')), onlyIf: when(undefined) })).toBe('applied');
    expect(await status({ ...set('row', cell('a', 'v', '2'), cell('b', 'w', '2')), onlyIf: when(undefined) })).toBe('rejected');
    expect(await status({ key: bytes('row'), deleteRow: true, onlyIf: when('11') })).toBe('rejected');
    expect(await status({ key: bytes('row'), delete: [{ family: 'a', qualifier: bytes('v') }], onlyIf: when('') })).toBe('rejected');
    expect(await read(it, table, ['row'])).toEqual([['a:v=1']]);
    expect(await status({ ...set('row', cell('a', 'v', '2')), onlyIf: when('1') })).toBe('applied');
    expect(await read(it, table, ['row'])).toEqual([['a:v=2']]);
  });

  test('of any number of racing writers with one condition exactly one is applied', async () => {
    const table = await it.table();
    const outcomes = await Promise.all(Array.from({ length: 30 }, (_, i) =>
      it.store().mutateRows(table, [{ ...set('row', cell('a', 'v', String(i))), onlyIf: when(undefined) }])));
    expect(outcomes.flat().filter(({ status }) => status === 'applied').length).toBe(1);
    expect(outcomes.flat().filter(({ status }) => status === 'rejected').length).toBe(29);
  });

  test('a counter that many writers raise by condition loses no step', async () => {
    const table = await it.table();
    const raise = async (): Promise<void> => {
      for (;;) {
        const [row] = await it.store().readRows(table, [bytes('row')]);
        const now = text(row?.cells[0]?.value);
        const [outcome] = await it.store().mutateRows(table, [{ ...set('row', cell('a', 'v', String(Number(now ?? 0) + 1))), onlyIf: when(now) }]);
        if (outcome!.status === 'applied') return;
      }
    };
    await Promise.all(Array.from({ length: 8 }, async () => {
      for (let i = 0; i < 10; i += 1) await raise();
    }));
    expect(await read(it, table, ['row'])).toEqual([['a:v=80']]);
  });
}

function testScans(it: OfflineSubject): void {
  const keysOf = async (table: string, range: Parameters<OfflineStore['scanRows']>[1]): Promise<readonly number[][]> =>
    (await scan(it.store(), table, range)).map(({ key }) => [...key]);

  test('rows come in ascending byte order of their keys, start inclusive, end exclusive', async () => {
    const table = await it.table();
    const keys = [[0], [0, 0], [0, 1], [1], [1, 255], [2], [127], [128], [255], [255, 255]];
    await it.store().mutateRows(table, [...keys].reverse().map((key) => ({ key: Uint8Array.from(key), set: [cell('a', 'x', '1')] })));
    expect(await keysOf(table, {})).toEqual(keys);
    expect(await keysOf(table, { start: Uint8Array.of(0, 1), end: Uint8Array.of(2) })).toEqual([[0, 1], [1], [1, 255]]);
    expect(await keysOf(table, { start: Uint8Array.of(200) })).toEqual([[255], [255, 255]]);
    expect(await keysOf(table, { end: Uint8Array.of(0, 0) })).toEqual([[0]]);
    expect(await keysOf(table, { start: Uint8Array.of(3), end: Uint8Array.of(3) })).toEqual([]);
    expect(await keysOf(table, { start: new Uint8Array(), limit: 3 })).toEqual([[0], [0, 0], [0, 1]]);
  });

  test('a limit counts rows, a filter of families drops rows without a cell in them', async () => {
    const table = await it.table();
    await it.store().mutateRows(table, Array.from({ length: 50 }, (_, i) => set(String(i).padStart(3, '0'), cell(i % 2 === 0 ? 'a' : 'b', 'x', String(i)))));
    const rows = await scan(it.store(), table, { families: ['b'], limit: 3 });
    expect(rows.map(shown)).toEqual([['b:x=1'], ['b:x=3'], ['b:x=5']]);
    expect(await scan(it.store(), table, { limit: 0 })).toEqual([]);
  });

  test('streams thousands of rows in batches, and can be left early', async () => {
    const table = await it.table();
    const names = Array.from({ length: 3_000 }, (_, i) => String(i).padStart(5, '0'));
    await it.store().mutateRows(table, names.map((key) => set(key, cell('a', 'x', key))));
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
    await it.store().mutateRows(table, names.map((key) => set(key, cell('a', 'x', '0'))));
    const seen: string[] = [];
    let i = 0;
    for await (const batch of it.store().scanRows(table, {})) {
      seen.push(...batch.map(({ key }) => text(key)!).filter((key) => key.startsWith('stable')));
      await it.store().mutateRows(table, [set(`passing-${i}`, cell('a', 'x', '1')), set(names[(i * 37) % 1_500]!, cell('a', 'y', '1')), { key: bytes(`passing-${i - 1}`), deleteRow: true }]);
      i += 1;
    }
    expect(seen).toEqual(names);
  });
}

function testExpiry(it: OfflineSubject): void {
  test('a cell past the time to live of its family is never returned', async () => {
    const { clock, unitMs, pass } = it.time();
    const table = await it.table();
    const at = clock.now();
    await it.store().mutateRows(table, [
      set('both', cell('brief', 'x', '1', at), cell('a', 'x', '2', at)), set('brief', cell('brief', 'x', '3', at)),
      set('later', cell('brief', 'x', '4', at + unitMs * 2)),
    ]);
    expect(await read(it, table, ['both', 'brief', 'later'])).toEqual([['a:x=2', 'brief:x=1'], ['brief:x=3'], ['brief:x=4']]);
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
      { ...set('row', cell('a', 'y', '2')), onlyIf: onlyIf(bytes('1')) }, { ...set('row', cell('a', 'y', '3')), onlyIf: onlyIf(undefined) },
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'applied']);
    expect(await read(it, table, ['row'])).toEqual([['a:y=3']]);
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
    await expectCode((async () => {
      for await (const _ of it.store().scanRows(table, {}, { signal }));
    })(), 'MILONGA_ABORTED');
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
