import { hasBit } from './bits.ts';
import { Column } from './column.ts';
import { Dictionary } from './dictionary.ts';

/** Codes, and the dictionary that they point into. */
export interface CodedStrings {
  readonly codes: Int32Array;
  readonly dictionary: Dictionary;
}

/** True when a dictionary holds much that so many codes cannot use: an interner's may have a million strings. */
const isWasteful = (dictionary: Dictionary, codes: number): boolean => dictionary.size > 2 * codes + 16;

/**
 * The codes of a column as they are sent: into the dictionary as it is, or into one with only the strings in use. The
 * code under a null becomes 0, because it may be anything and some readers look at it.
 */
export function codedStringsOf(column: Column, codes: Int32Array, hasNulls: boolean): CodedStrings {
  const dictionary = column.dictionary!;
  if (column.type.kind === 'enumeration') return { codes: hasNulls ? withoutNulls(column, codes) : codes, dictionary };
  return hasNulls || isWasteful(dictionary, codes.length) ? compactCodes(column, codes) : { codes, dictionary };
}

/** The same column, over a dictionary that is not much larger than what it uses. */
export function leanColumn(column: Column): Column {
  const { type, length, offsets, validity } = column;
  const first = offsets?.[0] ?? 0;
  const end = offsets?.[length] ?? length;
  if (!isWasteful(column.dictionary!, end - first)) return column;
  const { codes, dictionary } = compactCodes(column, (column.values as Int32Array).subarray(first, end));
  return new Column(type, length, codes, { validity, dictionary, offsets: offsets?.map((offset) => offset - first) });
}

function compactCodes(column: Column, codes: Int32Array): CodedStrings {
  const dictionary = column.dictionary!;
  const { rows: codeOf, stamps, stamp } = dictionary.scratchTable();
  const strings: string[] = [];
  const compact = new Int32Array(codes.length);
  const validity = column.type.kind === 'list' ? undefined : column.validity;
  for (let at = 0; at < codes.length; at += 1) {
    if (validity !== undefined && !hasBit(validity, at)) continue;
    const code = codes[at]!;
    if (stamps[code] !== stamp) {
      stamps[code] = stamp;
      codeOf[code] = strings.length;
      strings.push(dictionary.at(code));
    }
    compact[at] = codeOf[code]!;
  }
  return { codes: compact, dictionary: new Dictionary(strings, { isDistinct: dictionary.isDistinct }) };
}

function withoutNulls(column: Column, codes: Int32Array): Int32Array {
  const clean = codes.slice();
  for (let row = 0; row < clean.length; row += 1) if (column.isNull(row)) clean[row] = 0;
  return clean;
}
