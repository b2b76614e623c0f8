import type { Frame } from '@milonga/core';
import type { Candidates } from '../stage/candidates.ts';
import type { Ranking } from '../stage/selector.ts';
import type { NoveltyRule } from './diversify.ts';

/** How alike two positions are, 0 to 1 (for vectors -1 to 1). */
type Similarity = (left: number, right: number) => number;

/** Greedy maximal marginal relevance over the best of a ranking. See `diversify`. */
export function byRelevanceAndNovelty<Query, Item>(
  ranking: Ranking<Query, Item>,
  candidates: Candidates<Item>,
  query: Query,
  count: number,
  column: keyof Item & string,
  { relevance, pool = count * 5 }: NoveltyRule,
): Int32Array {
  const order = ranking.rank(candidates, query, Math.max(pool, count));
  const values = scaled(ranking.keys(candidates, query), order);
  const similarity = similarityBy(candidates, column);
  const nearest = new Float64Array(order.length).fill(Number.NEGATIVE_INFINITY);
  const isTaken = new Uint8Array(order.length);
  const chosen = new Int32Array(Math.min(count, order.length));
  for (let slot = 0; slot < chosen.length; slot += 1) {
    let best = -1;
    let most = Number.NEGATIVE_INFINITY;
    for (let place = 0; place < order.length; place += 1) {
      if (isTaken[place] === 1) continue;
      const alike = slot === 0 ? 0 : nearest[place]!;
      const value = relevance * values[place]! - (1 - relevance) * alike;
      if (best < 0 || value > most) {
        best = place;
        most = value;
      }
    }
    isTaken[best] = 1;
    const position = order[best]!;
    chosen[slot] = position;
    for (let place = 0; place < order.length; place += 1) {
      if (isTaken[place] === 0) nearest[place] = Math.max(nearest[place]!, similarity(position, order[place]!));
    }
  }
  return chosen;
}

/** Keys of the pool, from 0 to 1, by place in the order; what has no finite key counts as the worst. */
function scaled(keys: Float64Array, order: Int32Array): Float64Array {
  const values = Float64Array.from(order, (position) => keys[position]!);
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const width = most > least ? most - least : 1;
  return values.map((value) => (Number.isFinite(value) ? (value - least) / width : 0));
}

function similarityBy<Item>(candidates: Candidates<Item>, column: keyof Item & string): Similarity {
  const { values, type } = (candidates.toFrame([column]) as Frame).column(column);
  if (type.kind === 'vector') return cosine(values as Float32Array, type.width);
  const labels: unknown[] = [];
  candidates.forEach((item) => {
    labels.push(item[column]);
  });
  return (left, right) => (labels[left] !== null && labels[left] === labels[right] ? 1 : 0);
}

function cosine(values: Float32Array, width: number): Similarity {
  return (left, right) => {
    let dot = 0;
    let leftSquares = 0;
    let rightSquares = 0;
    for (let part = 0; part < width; part += 1) {
      const one = values[left * width + part]!;
      const other = values[right * width + part]!;
      dot += one * other;
      leftSquares += one * one;
      rightSquares += other * other;
    }
    return leftSquares === 0 || rightSquares === 0 ? 0 : dot / Math.sqrt(leftSquares * rightSquares);
  };
}
