const BLOCK = 64;

/**
 * `Y^T Y` of a row-major matrix with `width` columns, full and symmetric. Rows are taken in blocks, so that the inner loop runs
 * over two columns of a block in the first-level cache rather than over the whole matrix for each pair.
 */
export function gramOf(matrix: Float32Array | Float64Array, width: number): Float64Array {
  const rows = matrix.length / width;
  const gram = new Float64Array(width * width);
  const columns = new Float64Array(width * BLOCK); // a block, turned: one column after the other
  for (let start = 0; start < rows; start += BLOCK) {
    const count = Math.min(BLOCK, rows - start);
    for (let row = 0; row < count; row += 1) {
      const base = (start + row) * width;
      for (let column = 0; column < width; column += 1) columns[column * BLOCK + row] = matrix[base + column]!;
    }
    addBlock(columns, count, width, gram);
  }
  for (let row = 0; row < width; row += 1)
    for (let column = 0; column < row; column += 1) gram[column * width + row] = gram[row * width + column]!;
  return gram;
}

function addBlock(columns: Float64Array, count: number, width: number, gram: Float64Array): void {
  for (let left = 0; left < width; left += 1) {
    const a = left * BLOCK;
    for (let right = 0; right <= left; right += 1) {
      const b = right * BLOCK;
      let even = 0;
      let odd = 0;
      let row = 0;
      for (; row + 1 < count; row += 2) {
        even += columns[a + row]! * columns[b + row]!;
        odd += columns[a + row + 1]! * columns[b + row + 1]!;
      }
      if (row < count) even += columns[a + row]! * columns[b + row]!;
      gram[left * width + right]! += even + odd;
    }
  }
}
