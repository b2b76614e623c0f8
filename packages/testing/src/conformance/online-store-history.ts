import type { ErrorCode, OnlineStore } from '@milonga/core';
import { expect } from 'vitest';
import { faultyOnlineStore } from '../chaos/faulty-online-store.ts';
import { bytes, fresh, text } from './expectations.ts';
import type { FaultRun } from './fault-run.ts';
import { WrittenVersions } from './written-versions.ts';

const codes: readonly ErrorCode[] = [
  'MILONGA_ONLINE_STORE_UNAVAILABLE',
  'MILONGA_ONLINE_STORE_TIMEOUT',
  'MILONGA_STORAGE_FULL',
];
const forever = { forever: 'a test' };

/** Writers, appenders and readers at once, while calls fail: nothing acknowledged is lost, nothing read is wrong. */
export async function onlineStoreHistory(real: OnlineStore, run: FaultRun): Promise<void> {
  const store = faultyOnlineStore(real, run.plan);
  const rows = Array.from({ length: 4 }, () => new RowsOfOneWriter(store, run));
  const lists = Array.from({ length: 2 }, () => new ListOfOneWriter(store, run));
  const writers = [...rows, ...lists].map((one) => one.write());
  let isWriting = true;
  const written = Promise.all(writers).finally(() => {
    isWriting = false;
  });
  const readers = [...rows, ...lists].map(async (one) => {
    while (isWriting) await one.read();
  });
  await run.disturbed([...writers, ...readers, written.then(() => {})]);
  for (const one of [...rows, ...lists]) await one.finish(real);
}

/** Two rows that one writer writes in one batch, a version at a time, into two columns. */
class RowsOfOneWriter {
  readonly #store: OnlineStore;
  readonly #run: FaultRun;
  readonly #keys = [fresh('row'), fresh('row')];
  readonly #versions = this.#keys.map(() => new WrittenVersions());

  constructor(store: OnlineStore, run: FaultRun) {
    this.#store = store;
    this.#run = run;
  }

  async write(): Promise<void> {
    for (let round = 0; round < this.#run.rounds; round += 1) await this.#writeOnce(this.#store);
  }

  async #writeOnce(store: OnlineStore): Promise<void> {
    const version = this.#versions.map((each) => each.next())[0]!;
    const columns = { a: bytes(String(version)), b: bytes(String(version)) };
    const batch = this.#keys.map((key) => ({ key, columns, timeToLive: forever }));
    const outcome = await this.#run.call('writeRows', store.writeRows(batch), codes);
    for (const each of this.#versions) each.settle(version, 'value' in outcome);
  }

  async read(store: OnlineStore = this.#store): Promise<void> {
    const since = this.#versions.map((each) => each.acknowledged);
    const outcome = await this.#run.call('readRows', store.readRows(this.#keys, ['a', 'b']).then(texts), codes);
    await new Promise((resolve) => setTimeout(resolve, 2));
    if ('failed' in outcome) return;
    expect(outcome.value.length).toBe(this.#keys.length);
    outcome.value.forEach((row, i) => {
      if (row !== undefined) expect(row[0], 'a row that is half written').toBe(row[1]);
      this.#versions[i]!.check(`row ${i}`, Number(row?.[0] ?? 0), since[i]!);
    });
  }

  async finish(store: OnlineStore): Promise<void> {
    await this.read(store);
    await this.#writeOnce(store);
    await this.read(store);
  }
}

const texts = (
  rows: Awaited<ReturnType<OnlineStore['readRows']>>,
): readonly (readonly (string | undefined)[] | undefined)[] => rows.map((row) => row?.map(text));

/** A list that one writer appends two numbers at a time to. No append is sent twice, so none may show twice. */
class ListOfOneWriter {
  readonly #store: OnlineStore;
  readonly #run: FaultRun;
  readonly #key = fresh('list');
  readonly #acknowledged = new Set<string>();
  readonly #appended = new Set<string>();

  constructor(store: OnlineStore, run: FaultRun) {
    this.#store = store;
    this.#run = run;
  }

  async write(): Promise<void> {
    for (let round = 0; round < this.#run.rounds; round += 1) {
      const values = [round * 2, round * 2 + 1].map(String);
      for (const value of values) this.#appended.add(value);
      const entry = { key: this.#key, values: values.map(bytes), maxLength: 10_000, timeToLive: forever };
      const outcome = await this.#run.call('appendLists', this.#store.appendLists([entry]), codes);
      if ('value' in outcome) for (const value of values) this.#acknowledged.add(value);
    }
  }

  async read(store: OnlineStore = this.#store): Promise<void> {
    const expected = [...this.#acknowledged];
    const call = store
      .readLists([this.#key], { limit: 10_000 })
      .then(([values]) => values!.map((value) => text(value)!));
    const outcome = await this.#run.call('readLists', call, codes);
    await new Promise((resolve) => setTimeout(resolve, 2));
    if ('failed' in outcome) return;
    const found = outcome.value;
    expect(new Set(found).size, 'values of a list that came twice').toBe(found.length);
    expect(
      found.filter((value) => !this.#appended.has(value)),
      'values that nobody appended',
    ).toEqual([]);
    const wanted = new Set(expected);
    expect(
      found.filter((value) => wanted.has(value)),
      'acknowledged values, in their order',
    ).toEqual(expected);
  }

  async finish(store: OnlineStore): Promise<void> {
    await this.read(store);
  }
}
