/**
 * Solves `A x = b` for a symmetric positive definite A by Cholesky (Golub and Van Loan, Matrix Computations, 4.2), in
 * place: the lower triangle of `matrix` (row-major, `size` by `size`) becomes its factor, `vector` becomes x.
 *
 * A pivot that rounding has made 0 or less counts as tiny: its component of x becomes huge or 0, never NaN, so give A a
 * regularised diagonal.
 */
export function solveCholesky(matrix: Float64Array, vector: Float64Array, size: number): void {
  for (let column = 0; column < size; column += 1) {
    const own = column * size;
    let pivot = matrix[own + column]!;
    for (let at = 0; at < column; at += 1) pivot -= matrix[own + at]! * matrix[own + at]!;
    if (!(pivot > TINY)) pivot = TINY; // NaN too
    const root = Math.sqrt(pivot);
    matrix[own + column] = root;
    const inverse = 1 / root;
    for (let row = column + 1; row < size; row += 1) {
      const other = row * size;
      let sum = matrix[other + column]!;
      for (let at = 0; at < column; at += 1) sum -= matrix[other + at]! * matrix[own + at]!;
      matrix[other + column] = sum * inverse;
    }
  }
  substitute(matrix, vector, size);
}

const TINY = 1e-12;

function substitute(factor: Float64Array, vector: Float64Array, size: number): void {
  for (let row = 0; row < size; row += 1) {
    let sum = vector[row]!;
    for (let at = 0; at < row; at += 1) sum -= factor[row * size + at]! * vector[at]!;
    vector[row] = sum / factor[row * size + row]!;
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    let sum = vector[row]!;
    for (let at = row + 1; at < size; at += 1) sum -= factor[at * size + row]! * vector[at]!;
    vector[row] = sum / factor[row * size + row]!;
  }
}
