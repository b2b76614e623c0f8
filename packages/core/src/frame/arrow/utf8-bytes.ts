import type { Column } from '../column.ts';
import type { Dictionary, Utf8Strings } from '../dictionary.ts';

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
