import type { ErrorCode, OfflineStore, WideRow } from '@milonga/core';
import { expect } from 'vitest';
import { faultyOfflineStore } from '../chaos/faulty-offline-store.ts';
import { bytes, text } from './expectations.ts';
import type { FaultRun } from './fault-run.ts';
import { cell, set } from './offline-store-subject.ts';
import { WrittenVersions } from './written-versions.ts';

const codes: readonly ErrorCode[] = ['MILONGA_OFFLINE_STORE_UNAVAILABLE', 'MILONGA_STORAGE_FULL'];

/** Writers, counters by condition, and scans at once, while calls fail. */
export async function offlineStoreHistory(real: OfflineStore, table: string, run: FaultRun): Promise<void> {
  const store = faultyOfflineStore(real, run.plan);
  const writers = ['1', '2', '3'].map((key) => new RowsOfOneWriter(store, table, run, key));
  const counter = new Counter(store, table, run);
  const work = [...writers.map((writer) => writer.write()), counter.raise(), counter.raise(), counter.raise()];
  let isWriting = true;
  const written = Promise.all(work).finally(() => {
    isWriting = false;
  });
  const readers = writers.map(async (writer, i) => {
    while (isWriting) await (i === 0 ? writer.scan() : writer.read());
  });
  await run.disturbed([...work, ...readers, written.then(() => {})]);
  for (const writer of writers) {
    await writer.read(real);
    await writer.scan(real);
    await writer.writeOnce(real);
    await writer.read(real);
  }
  await counter.finish(real);
}

/** Three rows that one writer writes in one batch, a version at a time, into two families. */
class RowsOfOneWriter {
  readonly #store: OfflineStore;
  readonly #table: string;
  readonly #run: FaultRun;
  readonly #keys: readonly string[];
  readonly #versions: readonly WrittenVersions[];

  constructor(store: OfflineStore, table: string, run: FaultRun, name: string) {
    this.#store = store;
    this.#table = table;
    this.#run = run;
    this.#keys = ['a', 'b', 'c'].map((end) => `row-${name}-${end}`);
    this.#versions = this.#keys.map(() => new WrittenVersions());
  }

  async write(): Promise<void> {
    for (let round = 0; round < this.#run.rounds; round += 1) await this.writeOnce();
  }

  async writeOnce(store: OfflineStore = this.#store): Promise<void> {
    const version = this.#versions.map((each) => each.next())[0]!;
    const batch = this.#keys.map((key) => set(key, cell('a', 'v', String(version)), cell('b', 'v', String(version))));
    const outcome = await this.#run.call('mutateRows', store.mutateRows(this.#table, batch), codes);
    const outcomes = 'value' in outcome ? outcome.value : [];
    this.#versions.forEach((each, i) => {
      const one = outcomes[i];
      if (one?.status === 'failed') expect(one.isRetryable).toBe(true);
      each.settle(version, one?.status === 'applied');
    });
  }

  async read(store: OfflineStore = this.#store): Promise<void> {
    const since = this.#versions.map((each) => each.acknowledged);
    const outcome = await this.#run.call('readRows', store.readRows(this.#table, this.#keys.map(bytes)), codes);
    if ('value' in outcome) for (const [i, row] of outcome.value.entries()) this.#check(row, i, since[i]!);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }

  async scan(store: OfflineStore = this.#store): Promise<void> {
    const since = this.#versions.map((each) => each.acknowledged);
    const rows = async (): Promise<readonly WideRow[]> => {
      const all: WideRow[] = [];
      const range = { start: bytes(this.#keys[0]!), end: bytes(`${this.#keys[2]!}~`) };
      for await (const batch of store.scanRows(this.#table, range)) all.push(...batch);
      return all;
    };
    const outcome = await this.#run.call('scanRows', rows(), codes);
    await new Promise((resolve) => setTimeout(resolve, 2));
    if ('failed' in outcome) return;
    const found = new Map(outcome.value.map((row) => [text(row.key), row]));
    expect(found.size, 'rows that a scan gave twice').toBe(outcome.value.length);
    for (const [i, key] of this.#keys.entries()) this.#check(found.get(key), i, since[i]!);
  }

  #check(row: WideRow | undefined, i: number, since: number): void {
    const values = row?.cells.map(({ value }) => text(value));
    if (values !== undefined) expect(values, 'a row that is half written').toEqual([values[0], values[0]]);
    this.#versions[i]!.check(`row ${this.#keys[i]}`, Number(values?.[0] ?? 0), since);
  }
}

/** A counter that is raised by condition: every acknowledged step counts once, one of unknown fate at most once. */
class Counter {
  readonly #store: OfflineStore;
  readonly #table: string;
  readonly #run: FaultRun;
  #acknowledged = 0;
  #unknown = 0;

  constructor(store: OfflineStore, table: string, run: FaultRun) {
    this.#store = store;
    this.#table = table;
    this.#run = run;
  }

  async raise(): Promise<void> {
    for (let round = 0; round < this.#run.rounds; round += 1) {
      const read = await this.#run.call('readRows', this.#store.readRows(this.#table, [bytes('counter')]), codes);
      if ('failed' in read) continue;
      const now = text(read.value[0]?.cells[0]?.value);
      const onlyIf = { family: 'a', qualifier: bytes('n'), equals: now === undefined ? undefined : bytes(now) };
      const step = { ...set('counter', cell('a', 'n', String(Number(now ?? 0) + 1))), onlyIf };
      const outcome = await this.#run.call('mutateRows', this.#store.mutateRows(this.#table, [step]), codes);
      const status = 'value' in outcome ? outcome.value[0]!.status : 'failed';
      if (status === 'applied') this.#acknowledged += 1;
      if (status === 'failed') this.#unknown += 1;
    }
  }

  async finish(store: OfflineStore): Promise<void> {
    const [row] = await store.readRows(this.#table, [bytes('counter')]);
    const count = Number(text(row?.cells[0]?.value) ?? 0);
    const [least, most] = [this.#acknowledged, this.#acknowledged + this.#unknown];
    expect(count >= least && count <= most, `the counter is ${count}; it must be from ${least} to ${most}`).toBe(true);
  }
}
