import { memory } from '@milonga/adapters-local';
import { OfflineStore } from '@milonga/core';
import { createApp } from '@milonga/core/app';
import { afterAll, expect, test } from 'vitest';
import { type Admission, Ledger, type LedgerOptions } from './ledger.ts';
import { FAMILY, fingerprint, ledgerKey } from './ledger-cells.ts';

const app = createApp([memory()]);
const { store } = await app.resolve({ store: OfflineStore });
afterAll(() => app.close());
const reason = 'a test';
await store.ensureTables([{ name: 't', families: { [FAMILY.state]: { reason }, [FAMILY.ids]: { reason } } }]);

let rows = 0;
/** Two members' views of one partition's ledger, which know nothing of each other. */
function members(options: Partial<LedgerOptions> = {}): readonly [Ledger, Ledger] {
  rows += 1;
  const key = ledgerKey('topic', 'group', rows);
  const all = { store, table: 't', rememberedIds: 5_000, abandonAfterMs: 60_000, abandoned: () => {}, ...options };
  return [new Ledger(key, all), new Ledger(key, all)];
}
const ids = (...names: readonly (string | number)[]): readonly string[] =>
  names.map((name) => fingerprint(String(name)));
const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, i) => from + i);
const shown = ({ batch, repeated, early }: Admission): unknown => ({
  batch: batch.map(({ at, offset }) => [at, offset]),
  repeated,
  early,
});

test('new events get offsets that follow each other', async () => {
  const [one] = members();
  expect(shown(await one.admit(ids('a', 'b')))).toEqual({
    batch: [
      [0, 0],
      [1, 1],
    ],
    repeated: [],
    early: [],
  });
  await one.commit(2);
  expect(shown(await one.admit(ids('c')))).toEqual({ batch: [[0, 2]], repeated: [], early: [] });
});

test('what comes again before it is handled has the offset that it had, for whoever gets it, however it is cut', async () => {
  const [one, other] = members();
  await one.admit(ids('a', 'b', 'c'));
  expect(shown(await other.admit(ids('a', 'b')))).toEqual({
    batch: [
      [0, 0],
      [1, 1],
    ],
    repeated: [],
    early: [],
  });
  await other.commit(2);
  expect(shown(await other.admit(ids('c', 'd')))).toEqual({
    batch: [
      [0, 2],
      [1, 3],
    ],
    repeated: [],
    early: [],
  });
});

test('what is handled is told from what is new, also by a member that slept meanwhile', async () => {
  const [one, other] = members();
  await one.admit(ids('a', 'b'));
  await other.admit(ids('a', 'b'));
  await other.commit(2);
  await one.commit(2);
  expect(shown(await one.admit(ids('a', 'c', 'b')))).toEqual({ batch: [[1, 2]], repeated: [0, 2], early: [] });
  await expect(other.commit(1)).resolves.toBe(undefined);
  expect(one.state.committed).toBe(2);
});

test('an id twice among deliveries is one event', async () => {
  const [one] = members();
  expect(shown(await one.admit(ids('a', 'a', 'b')))).toEqual({
    batch: [
      [0, 0],
      [2, 1],
    ],
    repeated: [1],
    early: [],
  });
});

test('nothing overtakes events that another member was given', async () => {
  const [one, other] = members();
  await one.admit(ids('a', 'b', 'c'));
  expect(shown(await other.admit(ids('d', 'e')))).toEqual({ batch: [], repeated: [], early: [0, 1] });
  expect(shown(await other.admit(ids('b', 'c', 'd')))).toEqual({ batch: [], repeated: [], early: [0, 1, 2] });
  expect(await other.mark('marker')).toBe(false);
  expect(shown(await other.admit(ids('a', 'c', 'd')))).toEqual({ batch: [[0, 0]], repeated: [], early: [1, 2] });
  await one.commit(3);
  expect(shown(await other.admit(ids('d')))).toEqual({ batch: [[0, 3]], repeated: [], early: [] });
  await other.commit(4);
  expect(await other.mark('marker')).toBe(true);
});

test('events that never come again are given up after a while, and said', async () => {
  const lost: unknown[] = [];
  const [one, other] = members({ abandonAfterMs: 50, abandoned: (from, to) => lost.push([from, to]) });
  await one.admit(ids('a', 'b'));
  expect((await other.admit(ids('c'))).batch).toEqual([]);
  await new Promise((resolve) => setTimeout(resolve, 30));
  await one.touch();
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect((await other.admit(ids('c'))).batch).toEqual([]);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(shown(await other.admit(ids('c')))).toEqual({ batch: [[0, 2]], repeated: [], early: [] });
  expect(lost).toEqual([[0, 2]]);
});

test('of racing members each event gets one offset', async () => {
  const [one, other] = members();
  const all = ids(...range(0, 50));
  const [mine, theirs] = await Promise.all([one.admit(all), other.admit(all)]);
  expect(mine.batch).toEqual(theirs.batch);
  expect(mine.batch.map(({ offset }) => offset)).toEqual(range(0, 50));
});

test('remembers the latest ids and forgets the oldest, so that the row stays small', async () => {
  const [one, other] = members({ rememberedIds: 3_000 });
  for (let from = 0; from < 10_000; from += 1_000) {
    await one.admit(ids(...range(from, from + 1_000)));
    await one.commit(from + 1_000);
  }
  expect((await other.admit(ids(...range(8_000, 9_000)))).repeated.length).toBe(1_000);
  expect((await other.admit(ids(0))).batch).toEqual([{ at: 0, offset: 10_000 }]);
  const [row] = await store.readRows('t', [ledgerKey('topic', 'group', rows)]);
  const bytes = row!.cells.reduce((sum, { value }) => sum + value.length, 0);
  expect(bytes).toBeLessThan(3_600 * 8 + 200);
});
