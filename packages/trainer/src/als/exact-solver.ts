import { solveCholesky } from '../matrix/cholesky.ts';

/** The equation of one vector; see `AlsParameters`. */
export interface VectorEquation {
  readonly factors: number;
  readonly alpha: number;
  readonly regularisation: number;
  readonly regularisationExponent: number;
}

/** What a vector interacted with: from `start` to `end`, rows of the other side and their weights. */
export interface RowEntries {
  readonly indices: Int32Array;
  readonly weights: Float32Array | Float64Array;
  readonly start: number;
  readonly end: number;
}

/**
 * Finds the vector x of one user (or item), given the vectors of everything on the other side:
 * `(G + sum_i alpha w_i y_i y_i^T + lambda n^v I) x = sum_i (1 + alpha w_i) y_i` with `G = Y^T Y`
 * (Hu, Koren and Volinsky, Collaborative Filtering for Implicit Feedback Datasets, ICDM 2008). Exactly, by Cholesky, in
 * double precision: what serving folds users in with.
 */
export class ExactSolver {
  readonly #equation: VectorEquation;
  readonly #matrix: Float64Array;
  readonly #right: Float64Array;
  readonly #vector: Float64Array;

  constructor(equation: VectorEquation) {
    this.#equation = equation;
    this.#matrix = new Float64Array(equation.factors * equation.factors);
    this.#right = new Float64Array(equation.factors);
    this.#vector = new Float64Array(equation.factors);
  }

  /** Replaces x in `solution` at `at`. `others` has the vectors of the other side, `gram` its Gram matrix. Without entries x becomes 0. */
  solve(
    solution: Float32Array | Float64Array,
    at: number,
    others: Float32Array,
    gram: Float64Array,
    entries: RowEntries,
  ): void {
    const { factors, alpha, regularisation, regularisationExponent } = this.#equation;
    const { indices, weights, start, end } = entries;
    if (start === end) {
      solution.fill(0, at, at + factors);
      return;
    }
    const matrix = this.#matrix;
    const right = this.#right.fill(0);
    matrix.set(gram);
    for (let entry = start; entry < end; entry += 1)
      this.#addEntry(others, indices[entry]! * factors, alpha * weights[entry]!);
    const ridge = regularisation * (end - start) ** regularisationExponent;
    for (let row = 0; row < factors; row += 1) matrix[row * factors + row]! += ridge;
    solveCholesky(matrix, right, factors);
    for (let part = 0; part < factors; part += 1) solution[at + part] = right[part]!;
  }

  /** The lower triangle is enough for Cholesky. */
  #addEntry(others: Float32Array, base: number, weight: number): void {
    const { factors } = this.#equation;
    const matrix = this.#matrix;
    const right = this.#right;
    const vector = this.#vector;
    for (let part = 0; part < factors; part += 1) {
      const value = others[base + part]!;
      vector[part] = value;
      right[part]! += (1 + weight) * value;
    }
    for (let row = 0; row < factors; row += 1) {
      const scale = weight * vector[row]!;
      const to = row * factors;
      for (let column = 0; column <= row; column += 1) matrix[to + column]! += scale * vector[column]!;
    }
  }
}
