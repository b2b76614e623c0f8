import { gramOf } from '../matrix/gram.ts';
import { type SparseMatrix, transpose } from '../matrix/sparse-matrix.ts';
import { seededRandom } from '../random/seeded-random.ts';
import { RowSolver, type RowSolverOptions } from './row-solver.ts';

/** Vectors of users and items, row-major. */
export interface Factors {
  readonly users: Float32Array;
  readonly items: Float32Array;
}

/** What {@link factorise} computes with; see `AlsParameters`. */
export interface FactoriseOptions extends RowSolverOptions {
  readonly iterations: number;
  readonly seed: number;
  /** Vectors to begin with, of the same users and items: a few iterations then suffice. */
  readonly start?: Factors;
  /** Told the share of iterations that are done. */
  readonly onProgress?: (fraction: number) => void;
}

/**
 * Implicit matrix factorisation by alternating least squares (Hu, Koren and Volinsky, ICDM 2008): vectors whose inner
 * products are near 1 where a user chose an item, with a confidence that grows with the weight, and near 0 elsewhere.
 *
 * Vectors are kept in single precision, sums in double. The same seed gives the same vectors.
 */
export function factorise(interactions: SparseMatrix, options: FactoriseOptions): Factors {
  const { factors, iterations, start, seed } = options;
  const byItem = transpose(interactions);
  const users = start?.users.slice() ?? new Float32Array(interactions.rows * factors);
  const items = start?.items.slice() ?? randomVectors(interactions.columns * factors, factors, seed);
  const solver = new RowSolver(options);
  for (let iteration = 0; iteration < iterations; iteration += 1) {
    solveAll(solver, interactions, users, items, factors);
    options.onProgress?.((iteration + 0.5) / iterations);
    solveAll(solver, byItem, items, users, factors);
    options.onProgress?.((iteration + 1) / iterations);
  }
  return { users, items };
}

function solveAll(
  solver: RowSolver,
  sparse: SparseMatrix,
  own: Float32Array,
  others: Float32Array,
  factors: number,
): void {
  const { rows, offsets, indices, values } = sparse;
  const gram = gramOf(others, factors);
  for (let row = 0; row < rows; row += 1)
    solver.solve(own, row * factors, others, gram, indices, values, offsets[row]!, offsets[row + 1]!);
}

/** Small, so that the first solution decides the direction, not the start. */
function randomVectors(length: number, factors: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  const scale = 0.1 / Math.sqrt(factors);
  return Float32Array.from({ length }, () => random.normal() * scale);
}
