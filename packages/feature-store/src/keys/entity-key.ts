import { MilongaError } from '@milonga/core';
import { hashText } from '../sketch/text-hash.ts';

/** The values of the parts of an entity's key, in order. */
export type KeyParts = readonly string[];

/** Longest part of a key, in bytes of UTF-8: stores limit their keys, and a pair has two parts. */
export const MOST_PART_BYTES = 256;

/**
 * The key of an entity in the offline store: `layout version u8 | hash of the first part u16 | parts`, a part being its
 * UTF-8 with each 0x00 written as 0x00 0xFF, and a 0x00 behind it (as in the tuple layer of FoundationDB).
 *
 * - The hash spreads entities evenly over the key space, whatever their names look like, so that no tablet gets hot.
 * - It is of the first part alone: all pairs of one first part lie together, and one range scan finds them.
 * - No two keys collide, and the order of keys with one first part is that of their other parts.
 */
export const KEY_LAYOUT = 1;

const SEED = 0x5bd1e995;
let scratch = Buffer.allocUnsafeSlow(1_024);

/** The key as bytes, in memory of its own. @throws MilongaError `MILONGA_KEY_INVALID` for a part of more than 256 bytes. */
export function entityKey(parts: KeyParts): Uint8Array {
  const room = parts.reduce((sum, part) => sum + part.length * 4 + 1, 3);
  if (room > scratch.length) scratch = Buffer.allocUnsafeSlow(room);
  const hash = hashText(parts[0]!, SEED);
  scratch[0] = KEY_LAYOUT;
  scratch[1] = hash >>> 24;
  scratch[2] = hash >>> 16;
  let end = 3;
  for (const part of parts) end = writePart(part, end);
  const key = new Uint8Array(end);
  for (let at = 0; at < end; at += 1) key[at] = scratch[at]!;
  return key;
}

function writePart(part: string, start: number): number {
  let at = start;
  for (let unit = 0; unit < part.length; unit += 1) {
    const code = part.charCodeAt(unit);
    if (code === 0 || code > 0x7f) return writeRare(part, start);
    scratch[at++] = code;
  }
  if (at - start > MOST_PART_BYTES) throw tooLong(part);
  scratch[at] = 0;
  return at + 1;
}

function writeRare(part: string, start: number): number {
  const bytes = Buffer.from(part);
  if (bytes.length > MOST_PART_BYTES) throw tooLong(part);
  let at = start;
  for (const byte of bytes) {
    scratch[at++] = byte;
    if (byte === 0) scratch[at++] = 0xff;
  }
  scratch[at] = 0;
  return at + 1;
}

/** Where all keys with these first parts begin: the start of a scan. */
export const keyPrefix: (parts: KeyParts) => Uint8Array = entityKey;

/** The first key behind all keys with a prefix: the end of a scan. */
export function afterPrefix(prefix: Uint8Array): Uint8Array {
  const end = prefix.slice();
  end[end.length - 1] = 1; // the terminator is 0x00, and what an escape adds to it is above 0x01
  return end;
}

/** The parts of a key. @throws MilongaError `MILONGA_STORAGE_CORRUPT` for bytes that `entityKey` did not make. */
export function partsOf(key: Uint8Array): KeyParts {
  const parts: string[] = [];
  if (key[0] !== KEY_LAYOUT) throw corrupt(key);
  for (let start = 3; start < key.length; ) {
    const bytes: number[] = [];
    let at = start;
    for (; key[at] !== 0 || key[at + 1] === 0xff; at += 1) {
      if (at >= key.length) throw corrupt(key);
      bytes.push(key[at]!);
      if (key[at] === 0) at += 1;
    }
    parts.push(Buffer.from(bytes).toString());
    start = at + 1;
  }
  return parts;
}

const tooLong = (part: string): MilongaError =>
  new MilongaError(
    'MILONGA_KEY_INVALID',
    `A part of an entity's key may have ${MOST_PART_BYTES} bytes; "${part.slice(0, 40)}…" has ${Buffer.byteLength(part)}.`,
  );

const corrupt = (key: Uint8Array): MilongaError =>
  new MilongaError(
    'MILONGA_STORAGE_CORRUPT',
    `A row key of the offline store cannot be read: ${Buffer.from(key).toString('hex')}. It was not written by this layout.`,
  );
