import { MilongaError } from '@milonga/core';
import type { Candidates } from '../stage/candidates.ts';
import type { Ranking } from '../stage/selector.ts';
import { byRelevanceAndNovelty } from './maximal-marginal-relevance.ts';

/** How a slate is kept from being all alike. */
export type Diversity = GroupRule | NoveltyRule;

/** So many of a kind, and no more. */
export interface GroupRule {
  /** Most items of one value. */
  readonly maxPerGroup: number;
  /** True leaves slots empty rather than exceed that. Default: false, the best of the rest fills them. */
  readonly isStrict?: boolean;
}

/** Relevant, but unlike what was chosen before. */
export interface NoveltyRule {
  /** Weight of relevance, 0 to 1; the rest is the weight of being unlike what was chosen already. */
  readonly relevance: number;
  /** How many of the best candidates are considered. Default: five times the slate. */
  readonly pool?: number;
}

/**
 * A ranking that spreads over the values of a column.
 *
 * With `maxPerGroup`, candidates are taken in the order of the ranking, skipping those whose group is full; null is a group
 * to itself. With `relevance`, each slot goes to the candidate with the largest
 * `relevance * rank value - (1 - relevance) * largest similarity to a chosen one` (maximal marginal relevance, Carbonell and
 * Goldstein, SIGIR 1998): similarity is the cosine for a vector column, and 1 or 0 for equal or different values of others;
 * rank values are scaled to 0..1 within the pool.
 *
 * @example
 * ```ts
 * .select(diversify(topK((query) => query.limit, 'relevance'), 'category', { maxPerGroup: 3 }))
 * .select(diversify(topK((query) => query.limit, 'relevance'), 'embedding', { relevance: 0.7 }))
 * ```
 */
export function diversify<Query, Item>(
  ranking: Ranking<Query, Item>,
  column: keyof Item & string,
  rule: Diversity,
): Ranking<Query, Item> {
  check(column, rule);
  const rank = (candidates: Candidates<Item>, query: Query, count: number): Int32Array =>
    'maxPerGroup' in rule
      ? byGroup(ranking, candidates, query, count, column, rule)
      : byRelevanceAndNovelty(ranking, candidates, query, count, column, rule);
  const { wanted, keys } = ranking;
  return {
    name: `${ranking.name}-diverse`,
    wanted,
    keys,
    rank,
    select: (candidates, query) => rank(candidates, query, wanted(query)),
  };
}

function check(column: string, rule: Diversity): void {
  const isFine = 'maxPerGroup' in rule ? rule.maxPerGroup >= 1 : rule.relevance >= 0 && rule.relevance <= 1;
  if (!isFine) {
    throw new MilongaError(
      'MILONGA_DEFINITION_INVALID',
      `diversify by "${column}" cannot be defined: maxPerGroup must be 1 or more, relevance from 0 to 1; found ${JSON.stringify(rule)}.`,
    );
  }
}

/** Most slates are full long before the last candidate, so the ranking is asked for a few more than needed, then for twice as many. */
function byGroup<Query, Item>(
  ranking: Ranking<Query, Item>,
  candidates: Candidates<Item>,
  query: Query,
  count: number,
  column: keyof Item & string,
  { maxPerGroup, isStrict = false }: GroupRule,
): Int32Array {
  const groups = groupsOf(candidates, column);
  for (let asked = count * 4; ; asked *= 2) {
    const order = ranking.rank(candidates, query, asked);
    const { chosen, left } = pick(order, groups, count, maxPerGroup);
    if (chosen.length === count || order.length === candidates.length) {
      return Int32Array.from(isStrict ? chosen : [...chosen, ...left].slice(0, count));
    }
  }
}

function groupsOf<Item>(candidates: Candidates<Item>, column: keyof Item & string): readonly unknown[] {
  const groups: unknown[] = [];
  candidates.forEach((item) => {
    groups.push(item[column]);
  });
  return groups;
}

function pick(
  order: Int32Array,
  groups: readonly unknown[],
  count: number,
  maxPerGroup: number,
): { chosen: number[]; left: number[] } {
  const sizes = new Map<unknown, number>();
  const chosen: number[] = [];
  const left: number[] = [];
  for (const position of order) {
    const group = groups[position];
    const size = group === null ? 0 : (sizes.get(group) ?? 0);
    if (chosen.length === count || size >= maxPerGroup) left.push(position);
    else {
      sizes.set(group, size + 1);
      chosen.push(position);
    }
  }
  return { chosen, left };
}
