/** How good a slate was for one request. */
export interface SlateQuality {
  readonly recall20: number;
  readonly ndcg20: number;
}

const SIZE = 20;
const GAINS = Float64Array.from({ length: SIZE }, (_, rank) => 1 / Math.log2(rank + 2));
const IDEAL = Float64Array.from({ length: SIZE + 1 }, (_, count) =>
  GAINS.subarray(0, count).reduce((sum, gain) => sum + gain, 0),
);

/** Recall@20 = hits / |relevant|; binary NDCG@20 with the ideal over min(20, |relevant|). */
export function qualityOf(slate: readonly string[], relevant: ReadonlySet<string>): SlateQuality {
  let hits = 0;
  let gain = 0;
  slate.slice(0, SIZE).forEach((id, rank) => {
    if (!relevant.has(id)) return;
    hits += 1;
    gain += GAINS[rank] ?? 0;
  });
  return { recall20: hits / relevant.size, ndcg20: gain / (IDEAL[Math.min(SIZE, relevant.size)] ?? 1) };
}

/** Means over requests. */
export class MeanQuality {
  #requests = 0;
  #recall = 0;
  #ndcg = 0;

  add({ recall20, ndcg20 }: SlateQuality): void {
    this.#requests += 1;
    this.#recall += recall20;
    this.#ndcg += ndcg20;
  }

  get requests(): number {
    return this.#requests;
  }

  get mean(): SlateQuality {
    const count = Math.max(1, this.#requests);
    return { recall20: this.#recall / count, ndcg20: this.#ndcg / count };
  }
}
