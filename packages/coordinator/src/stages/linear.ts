import type { Scorer } from '../stage/scorer.ts';

/**
 * A weighted sum of columns. It asks of a candidate exactly the columns that it weighs: numbers, none of them nullable.
 *
 * @example
 * ```ts
 * .score(linear('relevance', { clicks1d: 1, ageHours: -0.1 }))
 * ```
 */
export const linear = <const Name extends string, Column extends string>(
  name: Name,
  weights: Readonly<Record<Column, number>>,
): Scorer<unknown, Readonly<Record<Column, number>>, Name> => {
  const terms = Object.entries(weights) as [Column, number][];
  return {
    name,
    scores: [name],
    score: (candidates) => {
      const total = new Float64Array(candidates.length);
      for (const [column, weight] of terms) candidates.addScaled(column, weight, total);
      return { [name]: total } as Readonly<Record<Name, Float64Array>>;
    },
  };
};
