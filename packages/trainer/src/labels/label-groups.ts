import { type Fields, Frame, float64, type Lake, lakeTableOf, string } from '@milonga/core';
import type { LabelGroup, LabelOptions, SampleOptions } from '../logistic-ranker/logistic-ranker-options.ts';
import type { PrepareContext } from '../model/trainable-model.ts';
import { hashOf } from '../random/seeded-random.ts';
import { groupStatement, itemStatement, SAMPLED_GROUPS } from './label-sql.ts';

/** A label group with what was chosen in it. */
export interface ChosenGroup extends LabelGroup {
  readonly items: ReadonlySet<string>;
  readonly isHeldOut: boolean;
}

/** The groups of a run: in order of time, so that groups computed together are near each other. */
export interface ChosenGroups {
  readonly groups: readonly ChosenGroup[];
  /** Groups that were there to choose from. */
  readonly available: number;
}

const HEADER = { grp: string(), who: string(), startAt: float64() };
const ITEM = { grp: string(), item: string() };

/** Draws the label groups of a window, and reads what was chosen in each. */
export async function chooseGroups<F extends Fields>(
  options: LabelOptions<F>,
  sample: Required<Pick<SampleOptions, 'groups' | 'holdoutGroups' | 'seed'>>,
  windowMs: number,
  lake: Lake,
  { until, holdoutFrom, signal }: Pick<PrepareContext, 'until' | 'holdoutFrom' | 'signal'>,
): Promise<ChosenGroups> {
  await lake.ensureTables([lakeTableOf(options.from)]);
  const span = { from: until - windowMs, until };
  const earlier = new LowestHashes(sample.groups, sample.seed);
  const held = new LowestHashes(sample.holdoutGroups, sample.seed);
  let available = 0;
  const { sql, parameters } = groupStatement(options, span, lake.dialect);
  for await (const frame of lake.query(sql, parameters, { signal })) {
    available += frame.length;
    for (const { grp, who, startAt } of frame.as(HEADER).toRows())
      (startAt < holdoutFrom ? earlier : held).offer({ group: grp, user: who, at: startAt });
  }
  const drawn = [...earlier.groups(), ...held.groups()].sort(
    (left, right) => left.at - right.at || (left.group < right.group ? -1 : 1),
  );
  const items = await itemsOf(drawn, options, span, lake, signal);
  return {
    available,
    groups: drawn.map((group) => ({
      ...group,
      items: items.get(group.group) ?? new Set(),
      isHeldOut: group.at >= holdoutFrom,
    })),
  };
}

async function itemsOf<F extends Fields>(
  groups: readonly LabelGroup[],
  options: LabelOptions<F>,
  span: { readonly from: number; readonly until: number },
  lake: Lake,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const items = new Map<string, Set<string>>(groups.map(({ group }) => [group, new Set()]));
  if (groups.length === 0) return items;
  const sampled = Frame.fromColumns({ grp: string() }, { grp: groups.map(({ group }) => group) });
  const { sql, parameters } = itemStatement(options, span, lake.dialect);
  for await (const frame of lake.query(sql, parameters, { frames: { [SAMPLED_GROUPS]: sampled }, signal }))
    for (const { grp, item } of frame.as(ITEM).toRows()) items.get(grp)?.add(item);
  return items;
}

/** A sample whose members do not depend on the order in which they come: those whose names hash lowest. */
class LowestHashes {
  readonly #limit: number;
  readonly #seed: number;
  #kept: { readonly hash: number; readonly group: LabelGroup }[] = [];

  constructor(limit: number, seed: number) {
    this.#limit = limit;
    this.#seed = seed;
  }

  offer(group: LabelGroup): void {
    this.#kept.push({ hash: hashOf(group.group, this.#seed), group });
    if (this.#kept.length >= 2 * this.#limit + 1_024) this.#cut();
  }

  #cut(): void {
    this.#kept.sort((left, right) => left.hash - right.hash || (left.group.group < right.group.group ? -1 : 1));
    this.#kept = this.#kept.slice(0, this.#limit);
  }

  groups(): readonly LabelGroup[] {
    this.#cut();
    return this.#kept.map(({ group }) => group);
  }
}
