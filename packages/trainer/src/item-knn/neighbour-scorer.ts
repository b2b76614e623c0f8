import type { HistoryScorer } from '../serving/history-model.ts';
import type { Similarities } from './similarities.ts';

/** `score(i) = sum_j w_j sim(j, i)` over the items j of a history, plus `selfWeight * w_i` where i is one of them. */
export class NeighbourScorer implements HistoryScorer {
  readonly candidates: Int32Array;
  readonly scores: Float64Array;
  readonly bytes: number;
  readonly #similarities: Similarities;
  readonly #selfWeight: number;
  #count = 0;

  constructor(similarities: Similarities, selfWeight: number) {
    const items = similarities.offsets.length - 1;
    this.#similarities = similarities;
    this.#selfWeight = selfWeight;
    this.candidates = new Int32Array(items);
    this.scores = new Float64Array(items);
    this.bytes =
      similarities.targets.byteLength * 2 +
      similarities.offsets.byteLength +
      this.candidates.byteLength +
      this.scores.byteLength;
  }

  enter(items: Int32Array, weights: Float64Array, count: number): void {
    const { offsets, targets, values } = this.#similarities;
    for (let at = 0; at < this.#count; at += 1) this.scores[this.candidates[at]!] = 0;
    this.#count = 0;
    for (let at = 0; at < count; at += 1) {
      const item = items[at]!;
      const weight = weights[at]!;
      const end = offsets[item + 1]!;
      for (let entry = offsets[item]!; entry < end; entry += 1) this.#add(targets[entry]!, weight * values[entry]!);
      if (this.#selfWeight > 0) this.#add(item, weight * this.#selfWeight);
    }
  }

  #add(item: number, amount: number): void {
    const before = this.scores[item]!;
    if (before === 0 && amount > 0) {
      this.candidates[this.#count] = item;
      this.#count += 1;
    }
    this.scores[item] = before + amount;
  }

  scoreOf(item: number): number {
    return this.scores[item]!;
  }

  rank(): number {
    return this.#count;
  }
}
