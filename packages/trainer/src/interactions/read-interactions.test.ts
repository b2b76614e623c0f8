import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { local } from '@milonga/adapters-local';
import { days, event, Frame, int32, Lake, lakeTableOf, string } from '@milonga/core';
import { type App, createApp } from '@milonga/core/app';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InteractionData } from '../worker/training-data.ts';
import { firstEventAt } from './first-event.ts';
import { interactionMatrix } from './interaction-matrix.ts';
import type { InteractionOptions } from './interaction-options.ts';
import { readInteractions } from './read-interactions.ts';

const DAY = 86_400_000;
const START = Date.UTC(2025, 0, 1);
const until = START + 100 * DAY;
const holdoutFrom = START + 90 * DAY;
const signal = new AbortController().signal;

interface Purchase {
  readonly day: number;
  readonly who: string;
  readonly item: string;
  readonly invoice?: string;
  readonly quantity?: number;
  /** Default: one of its own. */
  readonly id?: string;
}

let app: App;
let lake: Lake;
let dir: string;
let table = 0;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'milonga-trainer-'));
  app = createApp([local({ dir })]);
  ({ lake } = await app.resolve({ lake: Lake }));
});
afterAll(async () => {
  await app.close();
  await rm(dir, { recursive: true });
});

/** A table of its own with these purchases, as an event definition. */
async function tableOf(purchases: readonly Purchase[]) {
  table += 1;
  const purchase = event(`purchase-${table}`, { who: string(), item: string(), invoice: string(), quantity: int32() });
  const definition = lakeTableOf(purchase);
  await lake.ensureTables([definition]);
  const rows = purchases.map(({ day, who, item, invoice = '', quantity = 1, id }, offset) => {
    const eventAt = START + Math.round(day * DAY);
    return {
      id: id ?? `event-${offset}`,
      eventAt,
      ingestedAt: eventAt,
      partition: 0,
      offset,
      who,
      item,
      invoice,
      quantity,
    };
  });
  if (rows.length > 0)
    await lake.append(definition.name, Frame.fromRows(definition.fields, rows as never), {
      ranges: [{ partition: 0, first: 0, last: rows.length - 1 }],
    });
  return purchase;
}

async function read(
  purchases: readonly Purchase[],
  options: Partial<InteractionOptions> = {},
  { isCounted = false, readsHistory = true } = {},
): Promise<InteractionData> {
  const from = await tableOf(purchases);
  const interactions = { from, user: 'who', item: 'item', ...options } as InteractionOptions;
  const { data } = await readInteractions(interactions, { isCounted, readsHistory }, lake, {
    until,
    holdoutFrom,
    signal,
  });
  return data as InteractionData;
}

/** Cells as text: `user item weight`, users by number. */
function cellsOf(data: InteractionData, part: 'earlier' | 'all', by: 'user' | 'group' = 'user'): string[] {
  const { rows, offsets, indices, values } = interactionMatrix(data, part, by);
  return Array.from({ length: rows }, (_, row) => row).flatMap((row) =>
    Array.from(
      indices.subarray(offsets[row], offsets[row + 1]),
      (item, at) => `${row} ${data.items[item]} ${values[offsets[row]! + at]!.toFixed(3)}`,
    ),
  );
}

describe('readInteractions', () => {
  it('numbers users and items in order of their ids, and parts the holdout', async () => {
    const data = await read([
      { day: 1, who: 'zoe', item: 'tea' },
      { day: 95, who: 'zoe', item: 'mug' },
      { day: 2, who: 'ann', item: 'tea' },
    ]);
    expect([data.items, data.users, data.groups]).toEqual([['mug', 'tea'], 2, 2]);
    expect(cellsOf(data, 'earlier')).toEqual(['0 tea 1.000', '1 tea 1.000']);
    expect(cellsOf(data, 'all')).toEqual(['0 tea 1.000', '1 mug 1.000', '1 tea 1.000']);
    expect([...data.judges]).toEqual([1]);
  });

  it('takes events from the start of the window to just before the end', async () => {
    const data = await read(
      [
        { day: 39.999, who: 'a', item: 'too early' },
        { day: 40, who: 'a', item: 'first' },
        { day: 90, who: 'a', item: 'held' },
        { day: 99.999, who: 'a', item: 'last' },
        { day: 100, who: 'a', item: 'too late' },
      ],
      { window: days(60) },
    );
    expect(data.items).toEqual(['first', 'held', 'last']);
    expect(cellsOf(data, 'earlier')).toEqual(['0 first 1.000']);
  });

  it('counts an event that was stored twice once, and repeats when told to', async () => {
    const purchases: readonly Purchase[] = [
      { day: 1, who: 'a', item: 'tea', id: 'one' },
      { day: 1, who: 'a', item: 'tea', id: 'one' },
      { day: 5, who: 'a', item: 'tea', id: 'two' },
    ];
    expect(cellsOf(await read(purchases, {}, { isCounted: true }), 'all')).toEqual(['0 tea 2.000']);
    expect(cellsOf(await read(purchases), 'all')).toEqual(['0 tea 1.000']);
  });

  it('halves weights with age, as of the end of the part that is learned from', async () => {
    const purchases: readonly Purchase[] = [
      { day: 90 - 20, who: 'a', item: 'tea' },
      { day: 90 - 10, who: 'a', item: 'tea' },
      { day: 95, who: 'a', item: 'mug' },
    ];
    const counted = await read(purchases, { halfLife: days(10) }, { isCounted: true });
    expect(cellsOf(counted, 'earlier')).toEqual(['0 tea 0.750']);
    expect(cellsOf(counted, 'all')).toEqual([`0 mug ${Math.SQRT1_2.toFixed(3)}`, '0 tea 0.375']);
    const once = await read(purchases, { halfLife: days(10) });
    expect(cellsOf(once, 'earlier')).toEqual(['0 tea 0.500']);
  });

  it('knows baskets beside users, and heeds a condition', async () => {
    const data = await read(
      [
        { day: 1, who: 'a', item: 'tea', invoice: 'i1' },
        { day: 1, who: 'a', item: 'mug', invoice: 'i1' },
        { day: 3, who: 'a', item: 'tea', invoice: 'i2' },
        { day: 3, who: 'a', item: 'pot', invoice: 'i2', quantity: -1 },
      ],
      { basket: 'invoice', where: ({ quantity }) => `${quantity} > 0` } as Partial<InteractionOptions>,
    );
    expect(cellsOf(data, 'all', 'group')).toEqual(['0 mug 1.000', '0 tea 1.000', '1 tea 1.000']);
    expect(cellsOf(data, 'all')).toEqual(['0 mug 1.000', '0 tea 1.000']);
    expect([data.hasBaskets, data.groups, data.users]).toEqual([true, 2, 1]);
  });

  it('is judged on users with a history, or on everyone of the holdout where none is read', async () => {
    const purchases: readonly Purchase[] = [
      { day: 1, who: 'both', item: 'tea' },
      { day: 95, who: 'both', item: 'mug' },
      { day: 95, who: 'new', item: 'mug' },
      { day: 1, who: 'gone', item: 'tea' },
    ];
    expect([...(await read(purchases)).judges]).toEqual([0]);
    expect([...(await read(purchases, {}, { readsHistory: false })).judges]).toEqual([0, 2]);
  });

  it('learns nothing of the future: events of the holdout and later change no cell of the earlier part', async () => {
    const past: readonly Purchase[] = Array.from({ length: 60 }, (_, at) => ({
      day: (at * 7) % 90,
      who: `u${at % 7}`,
      item: `i${at % 11}`,
    }));
    const future: readonly Purchase[] = Array.from({ length: 40 }, (_, at) => ({
      day: 90 + at / 2,
      who: `u${at % 7}`,
      item: `i${at % 11}`,
    }));
    const options = { halfLife: days(30) };
    for (const isCounted of [false, true]) {
      const without = await read(past, options, { isCounted });
      const withFuture = await read(
        [...future, ...past.map((purchase, at) => ({ ...purchase, id: `p${at}` }))],
        options,
        { isCounted },
      );
      expect(cellsOf(withFuture, 'earlier')).toEqual(cellsOf(without, 'earlier'));
    }
  });

  it('is empty for a table without events, and knows when the first one was', async () => {
    const empty = await read([]);
    expect([empty.items.length, empty.users, empty.judges.length]).toEqual([0, 0, 0]);
    expect(await firstEventAt(lake, await tableOf([]), signal)).toBeUndefined();
    const some = await tableOf([
      { day: 7, who: 'a', item: 'b' },
      { day: 3, who: 'a', item: 'b' },
    ]);
    expect(await firstEventAt(lake, some, signal)).toBe(START + 3 * DAY);
  });
});
