import { solveCholesky } from '../matrix/cholesky.ts';

/** What a {@link RowSolver} solves with. */
export interface RowSolverOptions {
  readonly factors: number;
  readonly alpha: number;
  readonly regularisation: number;
  readonly regularisationExponent: number;
  /** 0 solves by Cholesky. */
  readonly conjugateGradientSteps: number;
}

/**
 * Finds the vector x of one user (or item), given the vectors of everything on the other side:
 * `(G + sum_i alpha w_i y_i y_i^T + lambda n^v I) x = sum_i (1 + alpha w_i) y_i` with `G = Y^T Y`
 * (Hu, Koren and Volinsky, Collaborative Filtering for Implicit Feedback Datasets, ICDM 2008).
 *
 * By conjugate gradient from the present x, a few steps of which suffice because x changes little between iterations
 * (Takacs, Pilaszy and Tikk, Applications of the Conjugate Gradient Method for Implicit Feedback, RecSys 2011); or exactly,
 * by Cholesky.
 */
export class RowSolver {
  readonly #options: RowSolverOptions;
  readonly #residual: Float64Array;
  readonly #direction: Float64Array;
  readonly #image: Float64Array;
  readonly #matrix: Float64Array;
  #vectors: Float64Array = new Float64Array(0);

  constructor(options: RowSolverOptions) {
    const { factors, conjugateGradientSteps } = options;
    this.#options = options;
    this.#residual = new Float64Array(factors);
    this.#direction = new Float64Array(factors);
    this.#image = new Float64Array(factors);
    this.#matrix = new Float64Array(conjugateGradientSteps === 0 ? factors * factors : 0);
  }

  /**
   * Replaces x in `solution` at `at`. `others` has the vectors of the other side, `gram` its Gram matrix; `indices` and
   * `weights` from `start` to `end` are what x interacted with. Without interactions x becomes 0.
   */
  solve(
    solution: Float32Array | Float64Array,
    at: number,
    others: Float32Array,
    gram: Float64Array,
    indices: Int32Array,
    weights: Float32Array | Float64Array,
    start: number,
    end: number,
  ): void {
    const { factors, regularisation, regularisationExponent, conjugateGradientSteps } = this.#options;
    if (start === end) {
      solution.fill(0, at, at + factors);
      return;
    }
    const ridge = regularisation * (end - start) ** regularisationExponent;
    this.#gather(others, indices, start, end);
    if (conjugateGradientSteps === 0) this.#solveExactly(solution, at, gram, weights, start, end - start, ridge);
    else this.#descend(solution, at, gram, weights, start, end - start, ridge);
  }

  /** The vectors that matter side by side and in double precision: they are read several times. */
  #gather(others: Float32Array, indices: Int32Array, start: number, end: number): void {
    const { factors } = this.#options;
    const wanted = (end - start) * factors;
    if (this.#vectors.length < wanted) this.#vectors = new Float64Array(wanted + (wanted >> 1));
    const vectors = this.#vectors;
    let to = 0;
    for (let at = start; at < end; at += 1) {
      const from = indices[at]! * factors;
      for (let part = 0; part < factors; part += 1) vectors[to + part] = others[from + part]!;
      to += factors;
    }
  }

  #descend(
    solution: Float32Array | Float64Array,
    at: number,
    gram: Float64Array,
    weights: Float32Array | Float64Array,
    start: number,
    count: number,
    ridge: number,
  ): void {
    const { factors, alpha, conjugateGradientSteps } = this.#options;
    const residual = this.#residual;
    const direction = this.#direction;
    const image = this.#image;
    for (let part = 0; part < factors; part += 1) direction[part] = solution[at + part]!;
    this.#multiply(gram, weights, start, count, ridge); // image = A x
    this.#rightSide(residual, weights, start, count, alpha);
    let norm = 0;
    for (let part = 0; part < factors; part += 1) {
      const left = residual[part]! - image[part]!;
      residual[part] = left;
      direction[part] = left;
      norm += left * left;
    }
    for (let step = 0; step < conjugateGradientSteps && norm > 1e-20; step += 1) {
      this.#multiply(gram, weights, start, count, ridge);
      const length = norm / dot(direction, 0, image, 0, factors);
      let next = 0;
      for (let part = 0; part < factors; part += 1) {
        solution[at + part]! += length * direction[part]!;
        const left = residual[part]! - length * image[part]!;
        residual[part] = left;
        next += left * left;
      }
      const keep = next / norm;
      for (let part = 0; part < factors; part += 1) direction[part] = residual[part]! + keep * direction[part]!;
      norm = next;
    }
  }

  /** image = (G + ridge I + sum alpha w y y^T) direction, without ever making that matrix. */
  #multiply(
    gram: Float64Array,
    weights: Float32Array | Float64Array,
    start: number,
    count: number,
    ridge: number,
  ): void {
    const { factors, alpha } = this.#options;
    const direction = this.#direction;
    const image = this.#image;
    const vectors = this.#vectors;
    for (let row = 0; row < factors; row += 1)
      image[row] = ridge * direction[row]! + dot(gram, row * factors, direction, 0, factors);
    for (let entry = 0, base = 0; entry < count; entry += 1, base += factors) {
      const share = alpha * weights[start + entry]! * dot(vectors, base, direction, 0, factors);
      addScaled(vectors, base, share, image, factors);
    }
  }

  #rightSide(
    into: Float64Array,
    weights: Float32Array | Float64Array,
    start: number,
    count: number,
    alpha: number,
  ): void {
    const { factors } = this.#options;
    into.fill(0);
    for (let entry = 0; entry < count; entry += 1)
      addScaled(this.#vectors, entry * factors, 1 + alpha * weights[start + entry]!, into, factors);
  }

  #solveExactly(
    solution: Float32Array | Float64Array,
    at: number,
    gram: Float64Array,
    weights: Float32Array | Float64Array,
    start: number,
    count: number,
    ridge: number,
  ): void {
    const { factors, alpha } = this.#options;
    const matrix = this.#matrix;
    const vectors = this.#vectors;
    matrix.set(gram);
    for (let entry = 0; entry < count; entry += 1) {
      const base = entry * factors;
      const weight = alpha * weights[start + entry]!;
      for (let row = 0; row < factors; row += 1)
        addRow(vectors, base, weight * vectors[base + row]!, matrix, row * factors, row + 1);
    }
    for (let row = 0; row < factors; row += 1) matrix[row * factors + row]! += ridge;
    this.#rightSide(this.#residual, weights, start, count, alpha);
    solveCholesky(matrix, this.#residual, factors);
    for (let part = 0; part < factors; part += 1) solution[at + part] = this.#residual[part]!;
  }
}

/** Four sums at a time: the additions do not wait for each other. */
function dot(left: Float64Array, leftAt: number, right: Float64Array, rightAt: number, length: number): number {
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  let at = 0;
  for (; at + 3 < length; at += 4) {
    first += left[leftAt + at]! * right[rightAt + at]!;
    second += left[leftAt + at + 1]! * right[rightAt + at + 1]!;
    third += left[leftAt + at + 2]! * right[rightAt + at + 2]!;
    fourth += left[leftAt + at + 3]! * right[rightAt + at + 3]!;
  }
  for (; at < length; at += 1) first += left[leftAt + at]! * right[rightAt + at]!;
  return first + second + (third + fourth);
}

function addScaled(from: Float64Array, fromAt: number, scale: number, into: Float64Array, length: number): void {
  for (let at = 0; at < length; at += 1) into[at]! += scale * from[fromAt + at]!;
}

function addRow(
  from: Float64Array,
  fromAt: number,
  scale: number,
  into: Float64Array,
  intoAt: number,
  length: number,
): void {
  for (let at = 0; at < length; at += 1) into[intoAt + at]! += scale * from[fromAt + at]!;
}
