import { ArtifactStore, EventSource, Lake, OfflineStore, OnlineStore } from '@milonga/core';
import { createApp } from '@milonga/core/app';
import { expect } from 'vitest';
import { LogHandle } from '../src/event-log/log-handle.ts';
import { local } from '../src/index.ts';
import { artifactOf, LAKE_TABLE } from './kill-contents.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const numberIn = (value: Uint8Array | undefined): number => Number(Buffer.from(value ?? []).toString());

/** What a killed writer acknowledged, and whether all of it is still there. */
export class KillLedger {
  acknowledged = 0;
  readonly #dir: string;
  readonly #published = new Set<string>();
  readonly #handled = new Map<number, number>();
  readonly #rows = new Map<number, number>();
  readonly #written = new Map<string, number>();
  readonly #seenTo = new Map<number, number>();
  readonly #artifacts = new Set<string>();
  readonly #whole = new Set<string>();
  #landed = -1;
  #counter = 0;
  #appended = -1;
  #token = 0;
  #events = 0;

  constructor(dir: string) {
    this.#dir = dir;
  }

  summary(): string {
    return [
      `${this.acknowledged} acknowledgements`,
      `${this.#events} events`,
      `${this.#landed + 1} lake rows`,
      `${this.#whole.size} artifacts checked`,
      `counter at ${this.#counter}`,
      `lease token at ${this.#token}`,
    ].join(', ');
  }

  acknowledge(round: number, line: string): void {
    const [what, a = '', b = '', c = ''] = line.split(' ');
    this.acknowledged += 1;
    if (what === 'published') for (let i = 0; i < Number(b); i += 1) this.#published.add(`${round}-${a}-${i}`);
    else if (what === 'handled') this.#handle(Number(a), Number(b), Number(c));
    else if (what === 'row') this.#rows.set(Number(a), Number(b));
    else if (what === 'written') this.#written.set(a, Number(b));
    else if (what === 'appended') this.#appended = Number(a);
    else if (what === 'counted') this.#count(Number(a));
    else if (what === 'put') this.#artifacts.add(a);
    else if (what === 'landed') this.#landed = Number(a);
    else if (what === 'held') this.#hold(Number(a));
    else expect(line).toBe('ready');
  }

  /** At least once, in order: a batch begins where an earlier one ended, or before. */
  #handle(partition: number, first: number, last: number): void {
    const next = this.#handled.get(partition) ?? 0;
    expect(first).toBeLessThanOrEqual(next);
    this.#handled.set(partition, Math.max(next, last + 1));
  }

  #count(value: number): void {
    // One step may have happened without its line.
    expect(value - this.#counter).toBeGreaterThanOrEqual(1);
    expect(value - this.#counter).toBeLessThanOrEqual(2);
    this.#counter = value;
  }

  #hold(token: number): void {
    expect(token).toBeGreaterThan(this.#token);
    this.#token = token;
  }

  async check(): Promise<void> {
    await this.#checkLog();
    const app = createApp([local({ dir: this.#dir, partitions: 3 })]);
    const { source, offline, online, lake, artifacts } = await app.resolve({
      source: EventSource,
      offline: OfflineStore,
      online: OnlineStore,
      lake: Lake,
      artifacts: ArtifactStore,
    });
    await this.#checkPositions(source);
    await this.#checkOffline(offline);
    await this.#checkOnline(online);
    await this.#checkArtifacts(artifacts);
    await this.#checkLake(lake);
    await app.close();
  }

  /** Reads on where the last check ended: no gap, checksums hold, values belong to their ids, everything acknowledged is there. */
  async #checkLog(): Promise<void> {
    const handle = await LogHandle.open(this.#dir, 'process-crash', 'source', {
      partitions: 3,
      retentionMs: 86_400_000,
    });
    const topic = handle.topics.find('events');
    for (let partition = 0; partition < (topic?.partitions ?? 0); partition += 1) {
      let at = this.#seenTo.get(partition) ?? 0;
      for (
        let reader = handle.log.readFrom(topic!, partition, at);
        reader !== undefined;
        reader = handle.log.readFrom(topic!, partition, at)
      ) {
        const events: { id: string; offset: number | undefined; value: Uint8Array }[] = [];
        reader.take(events as never[], Infinity);
        for (const { id, offset, value } of events) {
          expect(offset).toBe(at);
          expect(Buffer.from(value).toString().startsWith(`value of ${id} `)).toBe(true);
          this.#published.delete(id);
          at += 1;
          this.#events += 1;
        }
      }
      expect(at).toBe(handle.log.endOffset(topic!, partition));
      this.#seenTo.set(partition, at);
    }
    await handle.close();
    expect([...this.#published]).toEqual([]);
  }

  /** Every object there is, acknowledged or not, is whole. */
  async #checkArtifacts(artifacts: ArtifactStore): Promise<void> {
    for await (const { name } of artifacts.list('models/')) {
      if (this.#whole.has(name)) continue;
      expect(Buffer.compare((await artifacts.get(name))!, artifactOf(name))).toBe(0);
      this.#artifacts.delete(name);
      this.#whole.add(name);
    }
    expect([...this.#artifacts]).toEqual([]);
  }

  /** Every offset up to the position once, and none after it. */
  async #checkLake(lake: Lake): Promise<void> {
    await lake.ensureTables([LAKE_TABLE]);
    const position = (await lake.positions(LAKE_TABLE.name)).get(0) ?? -1;
    expect(position).toBeGreaterThanOrEqual(this.#landed);
    const sql =
      'SELECT count(*)::DOUBLE AS count, count(DISTINCT "offset")::DOUBLE AS different, max("offset") AS last FROM landed';
    for await (const frame of lake.query(sql)) {
      const [row] = frame.toRows();
      expect(row).toEqual({ count: position + 1, different: position + 1, last: position < 0 ? null : position });
    }
  }

  async #checkPositions(source: EventSource): Promise<void> {
    for (const { partition, committedOffset, endOffset } of await source.positions('events', 'group')) {
      expect(committedOffset).toBeLessThanOrEqual(this.#handled.get(partition) ?? 0);
      expect(committedOffset).toBeLessThanOrEqual(endOffset);
    }
  }

  async #checkOffline(offline: OfflineStore): Promise<void> {
    await offline.ensureTables([{ name: 'rows', families: { a: { reason: 'a test' }, b: { reason: 'a test' } } }]);
    const numbers = [...this.#rows.keys()];
    const rows = await offline.readRows(
      'rows',
      numbers.map((n) => bytes(`row-${n}`)),
    );
    rows.forEach((row, i) => {
      const [a, b] = row!.cells.map(({ value }) => numberIn(value));
      expect(a).toBe(b);
      expect(a! % 500).toBe(numbers[i]);
      expect(a).toBeGreaterThanOrEqual(this.#rows.get(numbers[i]!)!);
    });
    const [counter] = await offline.readRows('rows', [bytes('counter')]);
    const stored = numberIn(counter?.cells[0]?.value);
    expect(stored - this.#counter).toBeGreaterThanOrEqual(0);
    expect(stored - this.#counter).toBeLessThanOrEqual(1);
    this.#counter = stored;
  }

  async #checkOnline(online: OnlineStore): Promise<void> {
    const keys = [...this.#written.keys()];
    const rows = await online.readRows(keys, ['a', 'b']);
    rows.forEach((row, i) => {
      expect(numberIn(row![0])).toBe(numberIn(row![1]));
      expect(numberIn(row![0])).toBeGreaterThanOrEqual(this.#written.get(keys[i]!)!);
    });
    const [list = []] = await online.readLists(['list'], { limit: 1_000 });
    const values = list.map(numberIn);
    expect(values.length).toBeLessThanOrEqual(400);
    expect(values).toEqual([...new Set(values)].sort((a, b) => a - b));
    expect(values.at(-1) ?? -1).toBeGreaterThanOrEqual(this.#appended);
  }
}
