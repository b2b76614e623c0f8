import { hasBit } from '../bits.ts';
import type { Column } from '../column.ts';
import { Dictionary, type Utf8Strings } from '../dictionary.ts';

/** What is written of a column of codes: the codes, and the dictionary that they point into. */
export interface CodedStrings {
  readonly codes: Int32Array;
  readonly dictionary: Dictionary;
}

/**
 * A column may use twenty strings of a dictionary that has a million: then only those are written, under new codes. The
 * code under a null becomes 0, because it may be anything and some readers look at it.
 */
export function codedStringsOf(column: Column, codes: Int32Array, hasNulls: boolean): CodedStrings {
  const dictionary = column.dictionary!;
  if (!hasNulls && dictionary.size <= 2 * codes.length + 16) return { codes, dictionary };
  if (column.type.kind === 'enumeration') return { codes: withoutNulls(column, codes), dictionary };
  const { rows: codeOf, stamps, stamp } = dictionary.scratchTable();
  const strings: string[] = [];
  const recoded = new Int32Array(codes.length);
  const validity = column.type.kind === 'list' ? undefined : column.validity;
  for (let at = 0; at < codes.length; at += 1) {
    if (validity !== undefined && !hasBit(validity, at)) continue;
    const code = codes[at]!;
    if (stamps[code] !== stamp) {
      stamps[code] = stamp;
      codeOf[code] = strings.length;
      strings.push(dictionary.at(code));
    }
    recoded[at] = codeOf[code]!;
  }
  return { codes: recoded, dictionary: new Dictionary(strings, { isDistinct: dictionary.isDistinct }) };
}

function withoutNulls(column: Column, codes: Int32Array): Int32Array {
  const clean = codes.slice();
  for (let row = 0; row < clean.length; row += 1) if (column.isNull(row)) clean[row] = 0;
  return clean;
}

/** The bytes of a dictionary. Strings that were never decoded are copied as they came. */
export function utf8Of(dictionary: Dictionary): Utf8Strings {
  if (dictionary.utf8 !== undefined) return dictionary.utf8;
  const { size } = dictionary;
  const strings = new Array<string>(size);
  const offsets = new Int32Array(size + 1);
  let units = 0;
  for (let code = 0; code < size; code += 1) {
    const text = dictionary.at(code);
    strings[code] = text;
    units += text.length;
    offsets[code + 1] = units;
  }
  const bytes = Buffer.from(strings.join('')); // one call for all: twenty times faster than one for each
  if (bytes.length === units) return { offsets, bytes }; // all ASCII
  return utf8OfEach(strings);
}

/** A surrogate pair must not come about between two strings, so each is encoded for itself. */
function utf8OfEach(strings: readonly string[]): Utf8Strings {
  const offsets = new Int32Array(strings.length + 1);
  for (let code = 0; code < strings.length; code += 1)
    offsets[code + 1] = offsets[code]! + Buffer.byteLength(strings[code]!);
  const bytes = Buffer.allocUnsafe(offsets[strings.length]!);
  for (let code = 0; code < strings.length; code += 1) bytes.write(strings[code]!, offsets[code]!);
  return { offsets, bytes };
}

/** About how many bytes the strings and lists of a column will take; a wrong guess costs a copy, nothing else. */
export function expectedBytes({ dictionary, offsets, length, type }: Column): number {
  const elements = offsets === undefined ? length : offsets[length]! - offsets[0]!;
  const lists = offsets === undefined ? 0 : 4 * length + 8 * elements + 64;
  if (dictionary === undefined || type.kind === 'enumeration') return lists;
  return lists + 512 + (dictionary.utf8?.bytes.length ?? 24 * Math.min(dictionary.size, elements));
}
