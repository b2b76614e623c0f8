/** Recall and NDCG of one slate. */
export interface SlateQuality {
  readonly recall: number;
  readonly ndcg: number;
}

/**
 * Quality of a slate cut off at `cutoff`: the share of the relevant items that it holds, and its binary discounted gain
 * over that of the best slate possible (Jarvelin and Kekalainen, Cumulated Gain-Based Evaluation of IR Techniques, 2002).
 *
 * @param hits 1 where the item in that place of the slate is relevant
 * @param relevant how many relevant items there are, in the slate or not
 */
export function slateQuality(hits: ArrayLike<number>, relevant: number, cutoff: number): SlateQuality {
  if (relevant <= 0) return { recall: 0, ndcg: 0 };
  let found = 0;
  let gain = 0;
  for (let place = 0; place < Math.min(cutoff, hits.length); place += 1) {
    if (hits[place] !== 1) continue;
    found += 1;
    gain += 1 / Math.log2(place + 2);
  }
  let ideal = 0;
  for (let place = 0; place < Math.min(cutoff, relevant); place += 1) ideal += 1 / Math.log2(place + 2);
  return { recall: found / relevant, ndcg: gain / ideal };
}

/** Means of slate qualities at several cutoffs, named as metrics are: `recall@20`, `ndcg@20`. */
export class MeanQuality {
  readonly #cutoffs: readonly number[];
  readonly #sums: { recall: number; ndcg: number }[];
  count = 0;

  constructor(cutoffs: readonly number[]) {
    this.#cutoffs = cutoffs;
    this.#sums = cutoffs.map(() => ({ recall: 0, ndcg: 0 }));
  }

  add(hits: ArrayLike<number>, relevant: number): void {
    this.count += 1;
    this.#cutoffs.forEach((cutoff, at) => {
      const { recall, ndcg } = slateQuality(hits, relevant, cutoff);
      this.#sums[at]!.recall += recall;
      this.#sums[at]!.ndcg += ndcg;
    });
  }

  /** Empty when nothing was added: a metric that was not measured passes no gate. */
  metrics(): Record<string, number> {
    const metrics: Record<string, number> = {};
    if (this.count === 0) return metrics;
    this.#cutoffs.forEach((cutoff, at) => {
      metrics[`recall@${cutoff}`] = this.#sums[at]!.recall / this.count;
      metrics[`ndcg@${cutoff}`] = this.#sums[at]!.ndcg / this.count;
    });
    return metrics;
  }
}

/**
 * Probability that a positive stands above a negative, ties counting half: the area under the ROC curve by the rank sum of
 * Mann and Whitney (1947). `undefined` without both.
 */
export function areaUnderCurve(scores: ArrayLike<number>, label: ArrayLike<number>): number | undefined {
  const order = Array.from({ length: scores.length }, (_, at) => at).sort(
    (left, right) => scores[left]! - scores[right]!,
  );
  let positives = 0;
  let rankSum = 0;
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) end += 1;
    const rank = (start + 1 + end) / 2;
    for (let at = start; at < end; at += 1) {
      if (label[order[at]!] !== 1) continue;
      positives += 1;
      rankSum += rank;
    }
    start = end;
  }
  const negatives = order.length - positives;
  if (positives === 0 || negatives === 0) return undefined;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}
