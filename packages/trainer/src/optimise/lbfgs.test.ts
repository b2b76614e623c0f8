import fc from 'fast-check';
import { expect, test } from 'vitest';
import { minimise } from './lbfgs.ts';

test('finds the minimum of a badly scaled quadratic', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 8 }), (wanted) => {
      const scales = wanted.map((_, at) => 10 ** ((at % 5) - 2));
      const point = new Float64Array(wanted.length);
      const value = minimise(
        (x, gradient) =>
          wanted.reduce((sum, goal, at) => {
            gradient[at] = 2 * scales[at]! * (x[at]! - goal);
            return sum + scales[at]! * (x[at]! - goal) ** 2;
          }, 0),
        point,
        { iterations: 500, tolerance: 1e-9 },
      );
      expect(value).toBeLessThan(1e-8);
      point.forEach((found, at) => {
        expect(found).toBeCloseTo(wanted[at]!, 3);
      });
    }),
  );
});

test('goes through the valley of Rosenbrock', () => {
  const point = Float64Array.of(-1.2, 1);
  minimise(
    ([x = 0, y = 0], gradient) => {
      gradient[0] = -400 * x * (y - x * x) - 2 * (1 - x);
      gradient[1] = 200 * (y - x * x);
      return 100 * (y - x * x) ** 2 + (1 - x) ** 2;
    },
    point,
    { iterations: 200 },
  );
  expect(point[0]).toBeCloseTo(1, 4);
  expect(point[1]).toBeCloseTo(1, 4);
});

test('stays where nothing is better, and never goes up', () => {
  const point = Float64Array.of(3);
  expect(minimise((_, gradient) => gradient.fill(0) && 7, point, { iterations: 10 })).toBe(7);
  expect(point[0]).toBe(3);
  const stuck = Float64Array.of(1);
  const wrong = minimise(
    ([x = 0], gradient) => {
      gradient[0] = -1; // a gradient that lies: the function rises
      return x;
    },
    stuck,
    { iterations: 10 },
  );
  expect([wrong, stuck[0]]).toEqual([1, 1]);
});
