const encoder = new TextEncoder();

/**
 * MurmurHash3, the 32-bit variant for x86 (Austin Appleby, public domain), over the UTF-8 bytes of `text`, seed 0. Written
 * out here because assignments must never change with a dependency. As an unsigned integer.
 */
export function murmur3(text: string): number {
  const bytes = encoder.encode(text);
  const blocks = bytes.length & ~3;
  let hash = 0;
  for (let at = 0; at < blocks; at += 4) {
    const block = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    hash ^= mixed(block);
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let at = bytes.length - 1; at >= blocks; at -= 1) tail = (tail << 8) | bytes[at]!;
  if (blocks < bytes.length) hash ^= mixed(tail);
  return finished(hash ^ bytes.length);
}

function mixed(block: number): number {
  const scrambled = Math.imul(block, 0xcc9e2d51);
  return Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b873593);
}

function finished(hash: number): number {
  let bits = hash;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** Buckets of a layer, and of the variants of an experiment. */
export const BUCKETS = 10_000;

/** The bucket of a unit, 0 to 9,999: `murmur3(salt + ":" + unit) mod 10,000`. */
export const bucketOf = (salt: string, unit: string): number => murmur3(`${salt}:${unit}`) % BUCKETS;
