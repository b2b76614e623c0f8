import { gramOf } from '../matrix/gram.ts';
import type { HistoryScorer } from '../serving/history-model.ts';
import { ExactSolver, type VectorEquation } from './exact-solver.ts';

/**
 * Folds a user in: the vector that best explains a history, given the vectors of the items, by the very equation that
 * training solves for its users. So users that training never saw, and what was bought a minute ago, count.
 */
export class VectorScorer implements HistoryScorer {
  readonly candidates: Int32Array;
  readonly scores: Float64Array;
  readonly bytes: number;
  readonly #vectors: Float32Array;
  readonly #factors: number;
  readonly #gram: Float64Array;
  readonly #solver: ExactSolver;
  readonly #user: Float64Array;
  #isKnown = false;

  constructor(vectors: Float32Array, equation: VectorEquation) {
    const items = vectors.length / equation.factors;
    this.#vectors = vectors;
    this.#factors = equation.factors;
    this.#gram = gramOf(vectors, equation.factors);
    this.#solver = new ExactSolver(equation);
    this.#user = new Float64Array(equation.factors);
    this.candidates = Int32Array.from({ length: items }, (_, item) => item);
    this.scores = new Float64Array(items);
    this.bytes = vectors.byteLength + this.#gram.byteLength + this.candidates.byteLength + this.scores.byteLength;
  }

  enter(items: Int32Array, weights: Float64Array, count: number): void {
    this.#isKnown = count > 0;
    this.#solver.solve(this.#user, 0, this.#vectors, this.#gram, { indices: items, weights, start: 0, end: count });
  }

  scoreOf(item: number): number {
    const vectors = this.#vectors;
    const user = this.#user;
    const factors = this.#factors;
    let even = 0;
    let odd = 0;
    let base = item * factors;
    let part = 0;
    for (; part + 1 < factors; part += 2, base += 2) {
      even += user[part]! * vectors[base]!;
      odd += user[part + 1]! * vectors[base + 1]!;
    }
    if (part < factors) even += user[part]! * vectors[base]!;
    return even + odd;
  }

  rank(): number {
    if (!this.#isKnown) return 0;
    for (let item = 0; item < this.scores.length; item += 1) this.scores[item] = this.scoreOf(item);
    return this.scores.length;
  }
}
