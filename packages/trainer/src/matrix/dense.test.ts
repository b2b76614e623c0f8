import fc from 'fast-check';
import { expect, test } from 'vitest';
import { solveCholesky } from './cholesky.ts';
import { gramOf } from './gram.ts';

const numbers = (length: number) =>
  fc.array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: length, maxLength: length });

test('the Gram matrix is Y^T Y, whatever the number of rows', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 0, max: 150 }),
      fc.nat(1_000),
      (width, rows, seed) => {
        const matrix = Float32Array.from({ length: rows * width }, (_, at) => Math.sin(at + seed));
        const gram = gramOf(matrix, width);
        for (let left = 0; left < width; left += 1) {
          for (let right = 0; right < width; right += 1) {
            let sum = 0;
            for (let row = 0; row < rows; row += 1) sum += matrix[row * width + left]! * matrix[row * width + right]!;
            expect(gram[left * width + right]).toBeCloseTo(sum, 9);
          }
        }
      },
    ),
  );
});

test('Cholesky solves what it is given', () => {
  fc.assert(
    fc.property(numbers(16), numbers(4), (entries, wanted) => {
      const factor = Float32Array.from(entries);
      const matrix = gramOf(factor, 4);
      for (let at = 0; at < 4; at += 1) matrix[at * 5]! += 0.5;
      const right = Float64Array.from({ length: 4 }, (_, row) =>
        wanted.reduce((sum, value, column) => sum + matrix[row * 4 + column]! * value, 0),
      );
      solveCholesky(matrix.slice(), right, 4);
      right.forEach((value, at) => {
        expect(value).toBeCloseTo(wanted[at]!, 6);
      });
    }),
  );
});

test('a matrix without a solution gives numbers, never NaN', () => {
  const vector = Float64Array.of(1, 1);
  solveCholesky(new Float64Array(4), vector, 2);
  expect([...vector].every((value) => !Number.isNaN(value))).toBe(true);
});
