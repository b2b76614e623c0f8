import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sparseMatrix, transpose } from './sparse-matrix.ts';

const entries = fc.array(fc.record({ row: fc.nat(4), column: fc.nat(6), value: fc.integer({ min: 1, max: 9 }) }), {
  maxLength: 60,
});

const matrixOf = (list: readonly { row: number; column: number; value: number }[], merge: 'add' | 'max') =>
  sparseMatrix(
    5,
    7,
    {
      row: Int32Array.from(list, ({ row }) => row),
      column: Int32Array.from(list, ({ column }) => column),
      value: Float32Array.from(list, ({ value }) => value),
    },
    merge,
  );

test('cells are the entries put together, in rows with ascending columns', () => {
  fc.assert(
    fc.property(entries, fc.constantFrom('add' as const, 'max' as const), (list, merge) => {
      const cells = new Map<string, number>();
      for (const { row, column, value } of list) {
        const before = cells.get(`${row},${column}`) ?? 0;
        cells.set(`${row},${column}`, merge === 'add' ? before + value : Math.max(before, value));
      }
      const { offsets, indices, values } = matrixOf(list, merge);
      const found = new Map<string, number>();
      for (let row = 0; row < 5; row += 1) {
        for (let at = offsets[row]!; at < offsets[row + 1]!; at += 1) {
          if (at > offsets[row]!) expect(indices[at]!).toBeGreaterThan(indices[at - 1]!);
          found.set(`${row},${indices[at]}`, values[at]!);
        }
      }
      expect(found).toEqual(cells);
      expect(offsets[5]).toBe(indices.length);
    }),
  );
});

test('the transpose has the same cells the other way round, and its transpose is the matrix', () => {
  fc.assert(
    fc.property(entries, (list) => {
      const matrix = matrixOf(list, 'add');
      const turned = transpose(matrix);
      expect([turned.rows, turned.columns]).toEqual([7, 5]);
      expect(transpose(turned)).toEqual(matrix);
      expect(turned).toEqual(
        sparseMatrix(7, 5, {
          row: Int32Array.from(list, ({ column }) => column),
          column: Int32Array.from(list, ({ row }) => row),
          value: Float32Array.from(list, ({ value }) => value),
        }),
      );
    }),
  );
});

test('a matrix without entries has empty rows', () => {
  const empty = sparseMatrix(3, 2, { row: new Int32Array(0), column: new Int32Array(0) });
  expect([...empty.offsets]).toEqual([0, 0, 0, 0]);
  expect(transpose(empty).offsets).toEqual(new Int32Array(3));
});
