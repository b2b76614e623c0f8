import { describe, expect, it } from 'vitest';
import { gramOf } from '../matrix/gram.ts';
import { type SparseMatrix, sparseMatrix } from '../matrix/sparse-matrix.ts';
import { seededRandom } from '../random/seeded-random.ts';
import { ExactSolver } from './exact-solver.ts';
import { type FactoriseOptions, type Factors, factorise } from './factorise.ts';
import { VectorScorer } from './vector-scorer.ts';

const OPTIONS: FactoriseOptions = {
  factors: 6,
  alpha: 4,
  regularisation: 0.2,
  regularisationExponent: 0.5,
  iterations: 8,
  conjugateGradientSteps: 3,
  seed: 3,
};

/** Two tastes: even users choose the first half of the items, odd ones the second. */
function tastes(users: number, items: number): SparseMatrix {
  const random = seededRandom(11);
  const row: number[] = [];
  const column: number[] = [];
  for (let user = 0; user < users; user += 1) {
    for (let item = 0; item < items; item += 1) {
      const isOwn = user % 2 === (item < items / 2 ? 0 : 1);
      if (random.next() < (isOwn ? 0.5 : 0.02)) {
        row.push(user);
        column.push(item);
      }
    }
  }
  const value = Float32Array.from(row, () => 0.5 + random.next());
  return sparseMatrix(users, items, { row: Int32Array.from(row), column: Int32Array.from(column), value });
}

/** The objective as the paper writes it, over every cell. */
function lossOf(
  matrix: SparseMatrix,
  { users, items }: Factors,
  { factors, alpha, regularisation, regularisationExponent }: FactoriseOptions,
): number {
  let loss = 0;
  const counts = new Float64Array(matrix.columns);
  for (const item of matrix.indices) counts[item]! += 1;
  for (let user = 0; user < matrix.rows; user += 1) {
    const weights = new Map<number, number>();
    for (let at = matrix.offsets[user]!; at < matrix.offsets[user + 1]!; at += 1)
      weights.set(matrix.indices[at]!, matrix.values[at]!);
    for (let item = 0; item < matrix.columns; item += 1) {
      let score = 0;
      for (let part = 0; part < factors; part += 1)
        score += users[user * factors + part]! * items[item * factors + part]!;
      const weight = weights.get(item);
      loss += (1 + alpha * (weight ?? 0)) * ((weight === undefined ? 0 : 1) - score) ** 2;
    }
    loss += regularisation * weights.size ** regularisationExponent * square(users, user, factors);
  }
  for (let item = 0; item < matrix.columns; item += 1)
    loss += regularisation * counts[item]! ** regularisationExponent * square(items, item, factors);
  return loss;
}

const square = (vectors: Float32Array, row: number, factors: number): number =>
  vectors.subarray(row * factors, (row + 1) * factors).reduce((sum, value) => sum + value * value, 0);

describe('factorise', () => {
  const matrix = tastes(40, 24);

  it('lowers the loss with every iteration, exactly solved or by conjugate gradient', () => {
    for (const conjugateGradientSteps of [0, 3]) {
      const losses = [1, 2, 4, 8].map((iterations) => {
        const options = { ...OPTIONS, iterations, conjugateGradientSteps };
        return lossOf(matrix, factorise(matrix, options), options);
      });
      for (let at = 1; at < losses.length; at += 1) expect(losses[at]!).toBeLessThan(losses[at - 1]! + 1e-4);
    }
  });

  it('comes to the same loss by conjugate gradient as exactly', () => {
    const exact = { ...OPTIONS, iterations: 30, conjugateGradientSteps: 0 };
    const steps = { ...OPTIONS, iterations: 30, conjugateGradientSteps: 3 };
    const exactLoss = lossOf(matrix, factorise(matrix, exact), exact);
    expect(lossOf(matrix, factorise(matrix, steps), steps)).toBeLessThan(exactLoss * 1.01);
  });

  it('tells the two tastes apart', () => {
    const { users, items } = factorise(matrix, OPTIONS);
    const score = (user: number, item: number): number => {
      let sum = 0;
      for (let part = 0; part < 6; part += 1) sum += users[user * 6 + part]! * items[item * 6 + part]!;
      return sum;
    };
    let right = 0;
    for (let user = 0; user < 40; user += 1) {
      const mean = (from: number): number =>
        Array.from({ length: 12 }, (_, at) => score(user, from + at)).reduce((a, b) => a + b) / 12;
      right += mean(0) > mean(12) === (user % 2 === 0) ? 1 : 0;
    }
    expect(right).toBe(40);
  });

  it('gives the same vectors for a seed, others for another, and goes on from a start', () => {
    expect(factorise(matrix, OPTIONS)).toEqual(factorise(matrix, OPTIONS));
    expect(factorise(matrix, { ...OPTIONS, seed: 4 }).items).not.toEqual(factorise(matrix, OPTIONS).items);
    const half = factorise(matrix, { ...OPTIONS, iterations: 4 });
    expect(factorise(matrix, { ...OPTIONS, iterations: 4, start: half })).toEqual(factorise(matrix, OPTIONS));
  });

  it('gives users and items without interactions the vector 0', () => {
    const lonely = sparseMatrix(3, 3, { row: Int32Array.of(0, 0, 1), column: Int32Array.of(0, 1, 0) });
    const { users, items } = factorise(lonely, OPTIONS);
    expect(users.subarray(12).every((value) => value === 0)).toBe(true);
    expect(items.subarray(12).every((value) => value === 0)).toBe(true);
  });
});

describe('ExactSolver', () => {
  it('solves the normal equations', () => {
    const items = Float32Array.from({ length: 5 * 3 }, (_, at) => Math.cos(at * 1.7));
    const equation = { factors: 3, alpha: 2, regularisation: 0.3, regularisationExponent: 1 };
    const x = new Float64Array(3);
    const indices = Int32Array.of(1, 4);
    const weights = Float32Array.of(1, 0.5);
    const gram = gramOf(items, 3);
    new ExactSolver(equation).solve(x, 0, items, gram, { indices, weights, start: 0, end: 2 });
    for (let row = 0; row < 3; row += 1) {
      let left = 0.3 * 2 * x[row]!;
      let right = 0;
      for (let column = 0; column < 3; column += 1) left += gram[row * 3 + column]! * x[column]!;
      indices.forEach((item, at) => {
        const score = [0, 1, 2].reduce((sum, part) => sum + items[item * 3 + part]! * x[part]!, 0);
        left += 2 * weights[at]! * score * items[item * 3 + row]!;
        right += (1 + 2 * weights[at]!) * items[item * 3 + row]!;
      });
      expect(left).toBeCloseTo(right, 6);
    }
  });
});

describe('conjugate gradient', () => {
  it('comes to the exact solution in as many steps as there are factors', () => {
    const matrix = tastes(30, 20);
    for (const factors of [1, 3, 8, 11]) {
      const options = { ...OPTIONS, factors, iterations: 1, regularisation: 2 };
      const exact = factorise(matrix, { ...options, conjugateGradientSteps: 0 });
      const found = factorise(matrix, { ...options, conjugateGradientSteps: factors + 2 });
      found.items.forEach((value, at) => {
        expect(value).toBeCloseTo(exact.items[at]!, 3);
      });
    }
  });
});

describe('VectorScorer', () => {
  it('folds a user of training in to the vector that training found', () => {
    const matrix = tastes(40, 24);
    const options = { ...OPTIONS, iterations: 40, conjugateGradientSteps: 0 };
    const found = factorise(matrix, options);
    const scorer = new VectorScorer(found.items, options);
    const user = 5;
    const start = matrix.offsets[user]!;
    const items = matrix.indices.slice(start, matrix.offsets[user + 1]);
    scorer.enter(items, Float64Array.from(matrix.values.subarray(start, start + items.length)), items.length);
    for (let item = 0; item < 24; item += 1) {
      let score = 0;
      for (let part = 0; part < 6; part += 1) score += found.users[user * 6 + part]! * found.items[item * 6 + part]!;
      expect(scorer.scoreOf(item)).toBeCloseTo(score, 2);
    }
  });
});
