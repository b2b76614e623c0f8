/** A sum of terms as of a moment; each term loses half its weight in every half-life. */
export interface Decayed {
  readonly sum: number;
  /** Unix ms: the newest term's. */
  readonly at: number;
}

/** No terms. */
export const NOTHING_DECAYED: Decayed = Object.freeze({ sum: 0, at: 0 });

/** Both sums as of the later of their moments. Floating point: the order of additions changes the last digits. */
export function addDecayed(left: Decayed, right: Decayed, halfLifeMs: number): Decayed {
  if (left.at < right.at) return addDecayed(right, left, halfLifeMs);
  return { sum: left.sum + right.sum * 2 ** ((right.at - left.at) / halfLifeMs), at: left.at };
}
