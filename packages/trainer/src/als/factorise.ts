import { gramOf } from '../matrix/gram.ts';
import { type SparseMatrix, transpose } from '../matrix/sparse-matrix.ts';
import { seededRandom } from '../random/seeded-random.ts';
import { ExactSolver, type VectorEquation } from './exact-solver.ts';
import { GradientSolver } from './gradient-solver.ts';
import { SolverMemory } from './solver-memory.ts';

/** Vectors of users and items, row-major. */
export interface Factors {
  readonly users: Float32Array;
  readonly items: Float32Array;
}

/** What {@link factorise} computes with; see `AlsParameters`. */
export interface FactoriseOptions extends VectorEquation {
  readonly iterations: number;
  /** 0 solves by Cholesky. */
  readonly conjugateGradientSteps: number;
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
 * Vectors are kept in single precision. The same seed gives the same vectors, on every machine.
 */
export function factorise(interactions: SparseMatrix, options: FactoriseOptions): Factors {
  const { factors, start, seed } = options;
  const users = start?.users ?? new Float32Array(interactions.rows * factors);
  const items = start?.items ?? randomVectors(interactions.columns * factors, factors, seed);
  const byItem = transpose(interactions);
  return options.conjugateGradientSteps > 0
    ? descend(interactions, byItem, { users, items }, options)
    : solve(interactions, byItem, { users, items }, options);
}

function descend(byUser: SparseMatrix, byItem: SparseMatrix, start: Factors, options: FactoriseOptions): Factors {
  const { factors, iterations, conjugateGradientSteps, onProgress } = options;
  const memory = new SolverMemory(byUser, byItem, factors);
  const { users, items, stride } = memory;
  spread(start.users, factors, users.vectors.array, stride);
  spread(start.items, factors, items.vectors.array, stride);
  const solver = new GradientSolver(memory, options, conjugateGradientSteps);
  for (let iteration = 0; iteration < iterations; iteration += 1) {
    solver.improve(users, items);
    onProgress?.((iteration + 0.5) / iterations);
    solver.improve(items, users);
    onProgress?.((iteration + 1) / iterations);
  }
  return {
    users: gathered(users.vectors.array, stride, factors),
    items: gathered(items.vectors.array, stride, factors),
  };
}

function solve(byUser: SparseMatrix, byItem: SparseMatrix, start: Factors, options: FactoriseOptions): Factors {
  const users = start.users.slice();
  const items = start.items.slice();
  const solver = new ExactSolver(options);
  for (let iteration = 0; iteration < options.iterations; iteration += 1) {
    solveAll(solver, byUser, users, items, options.factors);
    options.onProgress?.((iteration + 0.5) / options.iterations);
    solveAll(solver, byItem, items, users, options.factors);
    options.onProgress?.((iteration + 1) / options.iterations);
  }
  return { users, items };
}

function solveAll(
  solver: ExactSolver,
  sparse: SparseMatrix,
  own: Float32Array,
  others: Float32Array,
  factors: number,
): void {
  const { rows, offsets, indices, values: weights } = sparse;
  const gram = gramOf(others, factors);
  for (let row = 0; row < rows; row += 1)
    solver.solve(own, row * factors, others, gram, { indices, weights, start: offsets[row]!, end: offsets[row + 1]! });
}

/** Vectors side by side, to vectors with room between them. */
function spread(from: Float32Array, factors: number, to: Float32Array, stride: number): void {
  for (let read = 0, write = 0; read < from.length; read += factors, write += stride)
    to.set(from.subarray(read, read + factors), write);
}

/** And back. */
function gathered(from: Float32Array, stride: number, factors: number): Float32Array {
  const to = new Float32Array((from.length / stride) * factors);
  for (let read = 0, write = 0; read < from.length; read += stride, write += factors)
    to.set(from.subarray(read, read + factors), write);
  return to;
}

/** Small, so that the first solution decides the direction, not the start. */
function randomVectors(length: number, factors: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  const scale = 0.1 / Math.sqrt(factors);
  return Float32Array.from({ length }, () => random.normal() * scale);
}
