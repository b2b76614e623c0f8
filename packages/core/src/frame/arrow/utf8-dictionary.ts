import { isAscii, isUtf8 } from 'node:buffer';
import { Dictionary } from '../dictionary.ts';
import { corrupt } from './arrow-errors.ts';

/** Offsets from outside: they never go back, and end within `most`. */
export function checkOffsets(offsets: Int32Array, most: number): void {
  let last = offsets[0]!;
  if (last < 0) throw corrupt('a negative offset');
  for (let at = 1; at < offsets.length; at += 1) {
    const offset = offsets[at]!;
    if (offset < last) throw corrupt('offsets that go back');
    last = offset;
  }
  if (last > most) throw corrupt('offsets beyond the values that they point into');
}

/** Strings where they are in the stream: each becomes a JavaScript string when it is first read. */
export function utf8Dictionary(offsets: Int32Array, bytes: Uint8Array): Dictionary {
  const size = offsets.length - 1;
  checkOffsets(offsets, bytes.length);
  const used = bytes.subarray(offsets[0]!, offsets[size]!);
  const isPlain = isAscii(used);
  if (!isPlain && !isUtf8(used)) throw corrupt('strings that are not UTF-8');
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const encoding = isPlain ? 'latin1' : 'utf8';
  return new Dictionary(new Array<string | undefined>(size).fill(undefined), {
    isDistinct: false,
    decode: (code) => text.toString(encoding, offsets[code]!, offsets[code + 1]!),
    ...(offsets[0] === 0 ? { utf8: { offsets, bytes: used } } : {}),
  });
}
