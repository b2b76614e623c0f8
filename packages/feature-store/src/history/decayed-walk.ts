import { addDecayed, type Decayed, NOTHING_DECAYED } from '../aggregates/decayed.ts';
import type { HistoryGroup, HistoryWalk } from './sql-aggregate.ts';

/** A decaying sum over time. Each group comes as its sum at the moment from which it is known. */
export class DecayedWalk implements HistoryWalk {
  readonly #halfLifeMs: number;
  #sum: Decayed = NOTHING_DECAYED;

  constructor(halfLifeMs: number) {
    this.#halfLifeMs = halfLifeMs;
  }

  begin(): void {
    this.#sum = NOTHING_DECAYED;
  }

  add({ numbers }: HistoryGroup, knownAt: number): void {
    this.#sum = addDecayed(this.#sum, { sum: numbers[0]!, at: knownAt }, this.#halfLifeMs);
  }

  valueAt(at: number): number {
    return this.#sum.sum * 2 ** ((this.#sum.at - at) / this.#halfLifeMs);
  }
}
