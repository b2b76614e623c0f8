import { type Fields, Frame } from '@milonga/core';
import type { ResolvedColumns } from '../serving/columns.ts';
import type { InteractionData } from '../worker/training-data.ts';

/** Items in a history, at most: no model reads more by default, and evaluation must stay small. */
const LONGEST_HISTORY = 500;

/** A user of the holdout: what was known before, and what came then. */
export interface HoldoutUser {
  /** Numbers of the items, the latest first. */
  readonly history: readonly number[];
  /** One per item of the history. */
  readonly weights: readonly number[];
  /** Distinct items of the first basket of the holdout, or of all of it where there are no baskets. */
  readonly chosen: ReadonlySet<number>;
}

/** The users to judge on, in order. */
export function holdoutUsers(data: InteractionData): readonly HoldoutUser[] {
  const places = new Map(Array.from(data.judges, (user, place) => [user, place]));
  const entries: { readonly earlier: number[]; readonly held: number[] }[] = Array.from(data.judges, () => ({
    earlier: [],
    held: [],
  }));
  for (let entry = 0; entry < data.user.length; entry += 1) {
    const place = places.get(data.user[entry]!);
    if (place === undefined) continue;
    const own = entries[place]!;
    (data.isHeldOut[entry] === 0 ? own.earlier : own.held).push(entry);
  }
  return entries.map(({ earlier, held }) => ({ ...historyOf(data, earlier), chosen: chosenOf(data, held) }));
}

function historyOf(data: InteractionData, entries: readonly number[]): Pick<HoldoutUser, 'history' | 'weights'> {
  const items = new Map<number, { latestAt: number; weight: number }>();
  for (const entry of entries) {
    const own = { latestAt: data.latestAt[entry]!, weight: data.weight[entry]! * data.earlierScale };
    const before = items.get(data.item[entry]!);
    if (before !== undefined) {
      own.weight = data.merge === 'add' ? own.weight + before.weight : Math.max(own.weight, before.weight);
      own.latestAt = Math.max(own.latestAt, before.latestAt);
    }
    items.set(data.item[entry]!, own);
  }
  const latest = [...items]
    .sort(([left, a], [right, b]) => b.latestAt - a.latestAt || left - right)
    .slice(0, LONGEST_HISTORY);
  return { history: latest.map(([item]) => item), weights: latest.map(([, { weight }]) => weight) };
}

function chosenOf(data: InteractionData, entries: readonly number[]): ReadonlySet<number> {
  if (!data.hasBaskets) return new Set(entries.map((entry) => data.item[entry]!));
  const first = entries.reduce((best, entry) => (isBefore(data, entry, best) ? entry : best));
  const basket = data.group[first]!;
  return new Set(entries.filter((entry) => data.group[entry] === basket).map((entry) => data.item[entry]!));
}

const isBefore = (data: InteractionData, entry: number, than: number): boolean =>
  data.latestAt[entry]! < data.latestAt[than]! ||
  (data.latestAt[entry] === data.latestAt[than] && data.group[entry]! < data.group[than]!);

/** The frame that a server would ask with for these users; `items` adds the column of items to score. */
export function frameOf(
  fields: Fields,
  columns: ResolvedColumns | undefined,
  itemColumn: string,
  ids: readonly string[],
  users: readonly Pick<HoldoutUser, 'history' | 'weights'>[],
  items?: readonly string[],
): Frame {
  const inputs: Record<string, unknown> = {};
  if (items !== undefined) inputs[itemColumn] = items;
  if (columns !== undefined) {
    inputs[columns.history] = users.map(({ history }) => history.map((item) => ids[item] ?? UNKNOWN_ID));
    if (columns.weights !== undefined) inputs[columns.weights] = users.map(({ weights }) => weights);
  }
  return Frame.fromColumns(fields, inputs as Parameters<typeof Frame.fromColumns>[1], { length: users.length });
}

/** No item has this id. */
export const UNKNOWN_ID = '\u{10FFFF}unknown';
