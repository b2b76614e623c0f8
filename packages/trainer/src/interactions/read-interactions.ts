import { type Fields, type Frame, float64, int32, type Lake, lakeTableOf, string } from '@milonga/core';
import type { PrepareContext, PreparedTraining } from '../model/trainable-model.ts';
import { hashOf } from '../random/seeded-random.ts';
import type { InteractionData } from '../worker/training-data.ts';
import type { InteractionOptions } from './interaction-options.ts';
import { interactionStatement } from './interaction-sql.ts';
import { NumberedStrings, renumber } from './number-strings.ts';

/** Users whose holdout is looked at, at most: the mean over these is known to about one part in a hundred. */
const MOST_JUDGES = 2_000;

const ROW = { who: string(), basket: string(), item: string(), held: int32(), latestAt: float64(), weight: float64() };

/** Reads the interactions of a run from the lake into numbers. */
export async function readInteractions<F extends Fields>(
  options: InteractionOptions<F>,
  { isCounted, readsHistory }: ReadInteractionsOptions,
  lake: Lake,
  { until, holdoutFrom, signal }: Pick<PrepareContext, 'until' | 'holdoutFrom' | 'signal'>,
): Promise<PreparedTraining> {
  await lake.ensureTables([lakeTableOf(options.from)]);
  const { sql, parameters } = interactionStatement(options, isCounted, { until, holdoutFrom }, lake.dialect);
  const rows = new InteractionRows();
  for await (const frame of lake.query(sql, parameters, { signal })) rows.add(frame.as(ROW));
  return rows.finish({
    until,
    holdoutFrom,
    hasBaskets: options.basket !== undefined,
    isCounted,
    readsHistory,
    halfLifeMs: options.halfLife?.ms,
  });
}

/** What the model makes of interactions. */
export interface ReadInteractionsOptions {
  /** Whether repeated events add up. */
  readonly isCounted: boolean;
  /** Whether the model is judged on users with a history alone, or on everyone. */
  readonly readsHistory: boolean;
}

interface Finish {
  readonly until: number;
  readonly holdoutFrom: number;
  readonly hasBaskets: boolean;
  readonly isCounted: boolean;
  readonly readsHistory: boolean;
  readonly halfLifeMs: number | undefined;
}

/** Rows as they come, column by column; strings as numbers in order of appearance. */
class InteractionRows {
  readonly #users: NumberedStrings = new NumberedStrings();
  readonly #baskets: NumberedStrings = new NumberedStrings();
  readonly #items: NumberedStrings = new NumberedStrings();
  #length = 0;
  #user = new Int32Array(65_536);
  #basket = new Int32Array(65_536);
  #item = new Int32Array(65_536);
  #held = new Uint8Array(65_536);
  #latestAt = new Float64Array(65_536);
  #weight = new Float32Array(65_536);

  add(frame: Frame<typeof ROW>): void {
    const start = this.#length;
    this.#makeRoom(start + frame.length);
    this.#users.number(frame.column('who'), this.#user, start);
    this.#baskets.number(frame.column('basket'), this.#basket, start);
    this.#items.number(frame.column('item'), this.#item, start);
    this.#held.set(frame.column('held').values.subarray(0, frame.length), start);
    this.#latestAt.set(frame.column('latestAt').values.subarray(0, frame.length), start);
    this.#weight.set(frame.column('weight').values.subarray(0, frame.length), start);
    this.#length += frame.length;
  }

  #makeRoom(wanted: number): void {
    if (wanted <= this.#user.length) return;
    const room = Math.max(wanted, this.#user.length * 2);
    this.#user = grown(this.#user, new Int32Array(room));
    this.#basket = grown(this.#basket, new Int32Array(room));
    this.#item = grown(this.#item, new Int32Array(room));
    this.#held = grown(this.#held, new Uint8Array(room));
    this.#latestAt = grown(this.#latestAt, new Float64Array(room));
    this.#weight = grown(this.#weight, new Float32Array(room));
  }

  finish({ until, holdoutFrom, hasBaskets, isCounted, readsHistory, halfLifeMs }: Finish): PreparedTraining {
    const length = this.#length;
    const users = this.#users.sorted();
    const baskets = this.#baskets.sorted();
    const items = this.#items.sorted();
    const user = this.#user.slice(0, length);
    const group = this.#basket.slice(0, length);
    const item = this.#item.slice(0, length);
    renumber(user, users.places);
    renumber(group, baskets.places);
    renumber(item, items.places);
    const latestAt = this.#latestAt.slice(0, length);
    const weight = this.#weight.slice(0, length);
    if (!isCounted && halfLifeMs !== undefined)
      for (let at = 0; at < length; at += 1) weight[at] = 0.5 ** ((until - latestAt[at]!) / halfLifeMs);
    const isHeldOut = this.#held.slice(0, length);
    const data: InteractionData = {
      kind: 'interactions',
      items: items.strings,
      users: users.strings.length,
      groups: baskets.strings.length,
      user,
      group,
      item,
      weight,
      merge: isCounted ? 'add' : 'max',
      latestAt,
      isHeldOut,
      earlierScale: halfLifeMs === undefined ? 1 : 2 ** ((until - holdoutFrom) / halfLifeMs),
      judges: judgesOf(user, isHeldOut, users.strings, readsHistory ? 3 : 2),
      hasBaskets,
    };
    return { data, rows: length, dataFrom: latestAt.reduce((first, at) => Math.min(first, at), until) };
  }
}

function grown<T extends Int32Array | Uint8Array | Float64Array | Float32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Users with entries in the holdout, and before it where `wanted` is 3; of very many, those whose ids hash lowest. */
function judgesOf(user: Int32Array, isHeldOut: Uint8Array, ids: readonly string[], wanted: 2 | 3): Int32Array {
  const parts = new Uint8Array(ids.length);
  for (let at = 0; at < user.length; at += 1) parts[user[at]!]! |= isHeldOut[at] === 0 ? 1 : 2;
  const found: { readonly number: number; readonly hash: number }[] = [];
  ids.forEach((id, number) => {
    if ((parts[number]! & wanted) === wanted) found.push({ number, hash: hashOf(id, 0) });
  });
  found.sort((left, right) => left.hash - right.hash || left.number - right.number);
  return Int32Array.from(found.slice(0, MOST_JUDGES), ({ number }) => number).sort();
}
