import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sparseMatrix } from '../matrix/sparse-matrix.ts';
import { type SimilarityOptions, similarities } from './similarities.ts';

const GROUPS = 6;
const ITEMS = 5;

/** The definition, pair by pair, on a dense matrix. */
function bruteForce(dense: readonly (readonly number[])[], options: SimilarityOptions): Map<string, number> {
  const { userDegreeExponent: a, popularityAsymmetry: b, shrinkage: s, neighbours, truncate } = options;
  const sizes = dense.map((row) => row.filter((value) => value > 0).length);
  const weights = sizes.map((size) => (size < 2 ? 0 : size ** -a));
  const sum = (of: (row: readonly number[]) => number): number =>
    dense.reduce((total, row, at) => total + weights[at]! * of(row), 0);
  const n = Array.from({ length: ITEMS }, (_, item) => sum((row) => row[item]! ** 2));
  const all: { source: number; target: number; value: number }[] = [];
  for (let source = 0; source < ITEMS; source += 1) {
    for (let target = 0; target < ITEMS; target += 1) {
      const together = sum((row) => row[source]! * row[target]!);
      if (source !== target && together > 0)
        all.push({ source, target, value: together / ((n[source]! + s) ** b * (n[target]! + s) ** (1 - b)) });
    }
  }
  const side = truncate === 'source' ? ('source' as const) : ('target' as const);
  const other = side === 'source' ? ('target' as const) : ('source' as const);
  const kept = new Map<string, number>();
  for (let item = 0; item < ITEMS; item += 1) {
    const own = all.filter((pair) => pair[side] === item).sort((x, y) => y.value - x.value || x[other] - y[other]);
    for (const { source, target, value } of own.slice(0, neighbours)) kept.set(`${source}>${target}`, value);
  }
  return kept;
}

const dense = fc.array(fc.array(fc.constantFrom(0, 0, 1, 0.5), { minLength: ITEMS, maxLength: ITEMS }), {
  minLength: GROUPS,
  maxLength: GROUPS,
});
const parameters = fc.record({
  neighbours: fc.integer({ min: 1, max: ITEMS }),
  truncate: fc.constantFrom('source' as const, 'target' as const),
  userDegreeExponent: fc.constantFrom(0, 0.5, 1),
  popularityAsymmetry: fc.constantFrom(0, 0.4, 0.5, 1),
  shrinkage: fc.constantFrom(0, 0.1, 5),
});

test('is what the definition says, pair by pair', () => {
  fc.assert(
    fc.property(dense, parameters, fc.boolean(), (rows, options, isBinary) => {
      const values = rows.map((row) => row.map((value) => (isBinary ? Math.ceil(value) : value)));
      const cells = values.flatMap((row, group) =>
        row.flatMap((value, item) => (value > 0 ? [{ group, item, value }] : [])),
      );
      const matrix = sparseMatrix(GROUPS, ITEMS, {
        row: Int32Array.from(cells, ({ group }) => group),
        column: Int32Array.from(cells, ({ item }) => item),
        value: Float32Array.from(cells, ({ value }) => value),
      });
      const found = similarities(matrix, options);
      const wanted = bruteForce(values, options);
      let count = 0;
      for (let source = 0; source < ITEMS; source += 1) {
        for (let at = found.offsets[source]!; at < found.offsets[source + 1]!; at += 1) {
          count += 1;
          // Rounding may order equal values differently at the edge: then another of the same value was kept.
          const exact = wanted.get(`${source}>${found.targets[at]}`);
          if (exact !== undefined) expect(found.values[at]).toBeCloseTo(exact, 5);
        }
      }
      expect(count).toBe(wanted.size);
      const total = [...wanted.values()].reduce((sum, value) => sum + value, 0);
      expect(found.values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(total, 4);
    }),
    { numRuns: 300 },
  );
});

test('groups with one item say nothing, and items nobody pairs have no neighbours', () => {
  const matrix = sparseMatrix(3, 3, { row: Int32Array.of(0, 0, 1, 2), column: Int32Array.of(0, 1, 0, 2) });
  const { offsets, targets, values } = similarities(matrix, {
    neighbours: 5,
    truncate: 'source',
    userDegreeExponent: 0,
    popularityAsymmetry: 0.5,
    shrinkage: 0,
  });
  expect([...offsets]).toEqual([0, 1, 2, 2]);
  expect([...targets]).toEqual([1, 0]);
  expect([...values]).toEqual([1, 1]); // item 0 counts once: its other buyer bought nothing else
});
