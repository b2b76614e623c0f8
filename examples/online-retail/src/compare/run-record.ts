import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import {
  type EventDefinition,
  type FeatureReader,
  type FeatureViewShape,
  type Lake,
  lakeTableOf,
  type Recommendation,
} from '@milonga/core';

/** Names of the files of a record. */
export const SLATES = 'slates.jsonl';
export const FEATURES = 'features.jsonl';
export const LAKE = 'lake.jsonl';

const KEYS_AT_ONCE = 500;

/** The customers and items that a replay has met: what there can be features of. */
export class Entities {
  readonly #pairs = new Map<string, Set<string>>();
  readonly #items = new Set<string>();

  add({ customer, item }: { readonly customer: string; readonly item: string }): void {
    const items = this.#pairs.get(customer);
    if (items === undefined) this.#pairs.set(customer, new Set([item]));
    else items.add(item);
    this.#items.add(item);
  }

  /** Keys of an entity, one column per part, by the names of the parts. */
  keysOf(parts: readonly string[]): readonly (readonly string[])[] {
    if (parts.length === 2) {
      const pairs = [...this.#pairs].flatMap(([customer, items]) =>
        [...items].map((item) => [customer, item] as const),
      );
      return [pairs.map(([customer]) => customer), pairs.map(([, item]) => item)];
    }
    return [parts[0] === 'customerId' ? [...this.#pairs.keys()] : [...this.#items]];
  }
}

/** Writes down every evaluated slate and, at the end, every feature, so that two runs can be held against each other. */
export class RunRecord {
  readonly #dir: string;
  readonly #slates: WriteStream;

  constructor(dir: string) {
    mkdirSync(dir, { recursive: true });
    this.#dir = dir;
    this.#slates = createWriteStream(join(dir, SLATES));
  }

  slate(invoice: string, answer: Recommendation | undefined): void {
    const line = { key: invoice, items: answer?.items, degraded: answer?.degraded, variants: answer?.experiments };
    this.#slates.write(`${JSON.stringify(line)}\n`);
  }

  /** How many different events of each type have landed. */
  async lake(events: readonly EventDefinition[], lake: Lake): Promise<void> {
    const lines: string[] = [];
    for (const event of events) {
      const { name } = lakeTableOf(event);
      const id = lake.dialect.identifier('id');
      const sql = `SELECT COUNT(DISTINCT ${id}) AS ${lake.dialect.identifier('events')} FROM ${lake.dialect.table(name)}`;
      for await (const frame of lake.query(sql, []))
        for (const row of frame.toRows()) lines.push(JSON.stringify({ key: name, ...row }));
    }
    await writeFile(join(this.#dir, LAKE), `${lines.join('\n')}\n`);
  }

  /** Reads the features of everything that was met, as of `at`. */
  async finish(
    views: readonly FeatureViewShape[],
    entities: Entities,
    reader: FeatureReader,
    at: number,
  ): Promise<void> {
    const file = createWriteStream(join(this.#dir, FEATURES));
    for (const view of views) {
      const keys = entities.keysOf(view.entity.keys);
      const rows = keys[0]?.length ?? 0;
      for (let start = 0; start < rows; start += KEYS_AT_ONCE) {
        const slice = keys.map((column) => column.slice(start, start + KEYS_AT_ONCE));
        const [batch] = await reader.read({ views: [view], keys: slice }, { at });
        batch?.frame.toRows().forEach((values, row) => {
          const key = [view.name, ...slice.map((column) => column[row])].join('/');
          file.write(`${JSON.stringify({ key, values, newestAt: batch.newestAt[row] })}\n`);
        });
      }
    }
    file.end();
    this.#slates.end();
    await Promise.all([finished(file), finished(this.#slates)]);
  }
}
