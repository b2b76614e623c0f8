import { gramOf } from '../matrix/gram.ts';
import type { VectorEquation } from './exact-solver.ts';
import { type RowKernel, rowKernel } from './row-kernel.ts';
import type { Side, SolverMemory } from './solver-memory.ts';

/** Residuals smaller than this are single precision's noise. */
const CLOSE = 1e-12;

/**
 * Improves the vectors of a whole side by a few steps of conjugate gradient each, starting from what they are: they change
 * little between iterations, so a few steps suffice, and a step costs n times f instead of n times f squared (Takacs,
 * Pilaszy and Tikk, Applications of the Conjugate Gradient Method for Implicit Feedback Collaborative Filtering, RecSys
 * 2011). In single precision, four floats at a time; the Gram matrix is summed in double.
 */
export class GradientSolver {
  readonly #memory: SolverMemory;
  readonly #equation: VectorEquation;
  readonly #steps: number;
  readonly #kernel: RowKernel;

  constructor(memory: SolverMemory, equation: VectorEquation, steps: number) {
    this.#memory = memory;
    this.#equation = equation;
    this.#steps = steps;
    this.#kernel = rowKernel(memory.memory);
  }

  /** One half of an iteration: every vector of `own`, with those of `others` held fast. */
  improve(own: Side, others: Side): void {
    const { regularisation, regularisationExponent } = this.#equation;
    const { stride } = this.#memory;
    this.#setGram(others);
    for (let row = 0; row < own.rows; row += 1) {
      const count = own.offsets[row + 1]! - own.offsets[row]!;
      const solution = own.vectors.array.subarray(row * stride, (row + 1) * stride);
      if (count === 0) solution.fill(0);
      else this.#descend(own, others, row, solution, regularisation * count ** regularisationExponent);
    }
  }

  #setGram(others: Side): void {
    const { gram, stride } = this.#memory;
    const { factors } = this.#equation;
    const full = gramOf(others.vectors.array, stride);
    gram.array.set(full.subarray(0, factors * stride));
  }

  #descend(own: Side, others: Side, row: number, solution: Float32Array, ridge: number): void {
    const { alpha } = this.#equation;
    const { stride, residual, direction, image } = this.#memory;
    direction.array.set(solution);
    residual.array.fill(0);
    this.#addEntries(own, others, row, residual.address, 1, alpha, -alpha);
    this.#addGram(residual.address, -1);
    let norm = 0;
    for (let part = 0; part < stride; part += 1) {
      const left = residual.array[part]! - ridge * solution[part]!;
      residual.array[part] = left;
      direction.array[part] = left;
      norm += left * left;
    }
    for (let step = 0; step < this.#steps && norm > CLOSE; step += 1) {
      image.array.fill(0);
      this.#addEntries(own, others, row, image.address, 0, 0, alpha);
      this.#addGram(image.address, 1);
      norm = this.#step(solution, ridge, norm);
    }
  }

  /** Goes along the direction as far as it leads down, and turns to the next. @returns the square of what is left. */
  #step(solution: Float32Array, ridge: number, norm: number): number {
    const { stride } = this.#memory;
    const direction = this.#memory.direction.array;
    const image = this.#memory.image.array;
    const residual = this.#memory.residual.array;
    let curvature = 0;
    for (let part = 0; part < stride; part += 1) {
      const value = image[part]! + ridge * direction[part]!;
      image[part] = value;
      curvature += value * direction[part]!;
    }
    const length = norm / curvature;
    let next = 0;
    for (let part = 0; part < stride; part += 1) {
      solution[part]! += length * direction[part]!;
      const left = residual[part]! - length * image[part]!;
      residual[part] = left;
      next += left * left;
    }
    const keep = next / norm;
    for (let part = 0; part < stride; part += 1) direction[part] = residual[part]! + keep * direction[part]!;
    return next;
  }

  #addEntries(
    own: Side,
    others: Side,
    row: number,
    into: number,
    constant: number,
    factor: number,
    slope: number,
  ): void {
    const start = 4 * own.offsets[row]!;
    this.#kernel.addRows(
      own.indices.address + start,
      own.indices.address + 4 * own.offsets[row + 1]!,
      own.weights.address + start,
      others.vectors.address,
      this.#memory.direction.address,
      into,
      4 * this.#memory.stride,
      constant,
      factor,
      slope,
    );
  }

  /** The product of the Gram matrix and the direction: its rows, which are its columns, weighted by the direction. */
  #addGram(into: number, factor: number): void {
    const { counting, direction, gram, stride } = this.#memory;
    const end = counting.address + 4 * counting.array.length;
    this.#kernel.addRowsByWeight(
      counting.address,
      end,
      direction.address,
      gram.address,
      0,
      into,
      4 * stride,
      0,
      factor,
      0,
    );
  }
}
