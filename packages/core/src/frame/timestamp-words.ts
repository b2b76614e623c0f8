// A timestamp column is Arrow's int64 milliseconds, seen as pairs of 32-bit words, low word first (little-endian).

const TWO_POW_32 = 4_294_967_296;

/** Unix ms at `row`. */
export const readTimestamp = (words: Int32Array, row: number): number =>
  words[2 * row + 1]! * TWO_POW_32 + (words[2 * row]! >>> 0);

/** Writes whole Unix ms at `row`. */
export const writeTimestamp = (words: Int32Array, row: number, unixMs: number): void => {
  words[2 * row] = unixMs | 0; // ToInt32 is modulo 2^32: exactly the low word, also of a negative number
  words[2 * row + 1] = Math.floor(unixMs / TWO_POW_32);
};
