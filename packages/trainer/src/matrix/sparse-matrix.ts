/** A matrix of mostly zeros by rows (CSR): row r has the entries from `offsets[r]` to `offsets[r + 1]`, columns ascending. */
export interface SparseMatrix {
  readonly rows: number;
  readonly columns: number;
  /** Length: rows + 1. */
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

/** Entries of a matrix in any order, for {@link sparseMatrix}. */
export interface Entries {
  readonly row: Int32Array;
  readonly column: Int32Array;
  /** Absent: 1 each. */
  readonly value?: Float32Array;
}

/**
 * Sorts entries into rows; entries of one cell are put together: added up, or the largest of them. Two counting sorts, by
 * column and then by row, so it takes linear time, and the result does not depend on the order of the entries beyond
 * rounding.
 */
export function sparseMatrix(
  rows: number,
  columns: number,
  entries: Entries,
  merge: 'add' | 'max' = 'add',
): SparseMatrix {
  const { row, column, value } = entries;
  const byColumn = countingSort(column, columns);
  const order = countingSort(row, rows, byColumn);
  const offsets = new Int32Array(rows + 1);
  const indices = new Int32Array(order.length);
  const values = new Float32Array(order.length);
  let count = 0;
  let lastRow = -1;
  for (let at = 0; at < order.length; at += 1) {
    const entry = order[at]!;
    const own = value === undefined ? 1 : value[entry]!;
    if (row[entry] === lastRow && indices[count - 1] === column[entry]) {
      values[count - 1] = merge === 'add' ? values[count - 1]! + own : Math.max(values[count - 1]!, own);
      continue;
    }
    lastRow = row[entry]!;
    indices[count] = column[entry]!;
    values[count] = own;
    count += 1;
    offsets[lastRow + 1] = count;
  }
  for (let at = 1; at <= rows; at += 1) if (offsets[at]! < offsets[at - 1]!) offsets[at] = offsets[at - 1]!;
  return { rows, columns, offsets, indices: indices.slice(0, count), values: values.slice(0, count) };
}

/** Positions in ascending order of their keys; equal keys keep the order that they have in `order`. */
function countingSort(keys: Int32Array, limit: number, order?: Int32Array): Int32Array {
  const starts = new Int32Array(limit + 1);
  for (let at = 0; at < keys.length; at += 1) starts[keys[at]! + 1]! += 1;
  for (let key = 0; key < limit; key += 1) starts[key + 1]! += starts[key]!;
  const sorted = new Int32Array(keys.length);
  for (let at = 0; at < keys.length; at += 1) {
    const position = order === undefined ? at : order[at]!;
    const key = keys[position]!;
    sorted[starts[key]!] = position;
    starts[key]! += 1;
  }
  return sorted;
}

/** Rows become columns. */
export function transpose({ rows, columns, offsets, indices, values }: SparseMatrix): SparseMatrix {
  const turned = new Int32Array(columns + 1);
  for (let at = 0; at < indices.length; at += 1) turned[indices[at]! + 1]! += 1;
  for (let column = 0; column < columns; column += 1) turned[column + 1]! += turned[column]!;
  const next = turned.slice(0, columns);
  const rowOf = new Int32Array(indices.length);
  const moved = new Float32Array(indices.length);
  for (let row = 0; row < rows; row += 1) {
    for (let at = offsets[row]!; at < offsets[row + 1]!; at += 1) {
      const to = next[indices[at]!]!;
      rowOf[to] = row;
      moved[to] = values[at]!;
      next[indices[at]!] = to + 1;
    }
  }
  return { rows: columns, columns: rows, offsets: turned, indices: rowOf, values: moved };
}
