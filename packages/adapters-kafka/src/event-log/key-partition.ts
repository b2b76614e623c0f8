const SEED = 0x9747b28c | 0;
const MULTIPLIER = 0x5bd1e995 | 0;

/**
 * The partition of a key: Kafka's own choice (murmur2 of the UTF-8 bytes), so that producers in other languages put a
 * key where Milonga does. Fast, and kept here so that it does not depend on a client library.
 *
 * @example `keyPartition('user-42', 4)`
 */
export const keyPartition = (key: string, partitions: number): number => partitionOfBytes(Buffer.from(key), partitions);

/** {@link keyPartition} of a key that is bytes already. */
export const partitionOfBytes = (key: Uint8Array, partitions: number): number =>
  (murmur2(key) & 0x7fffffff) % partitions;

/** MurmurHash2 by Austin Appleby, 32 bits, as in `org.apache.kafka.common.utils.Utils.murmur2`. */
function murmur2(bytes: Uint8Array): number {
  const { length } = bytes;
  let hash = SEED ^ length;
  const words = length & ~3;
  for (let at = 0; at < words; at += 4) {
    let word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    word = Math.imul(word, MULTIPLIER);
    word ^= word >>> 24;
    hash = Math.imul(hash, MULTIPLIER) ^ Math.imul(word, MULTIPLIER);
  }
  const rest = length & 3;
  if (rest === 3) hash ^= bytes[words + 2]! << 16;
  if (rest >= 2) hash ^= bytes[words + 1]! << 8;
  if (rest >= 1) hash = Math.imul(hash ^ bytes[words]!, MULTIPLIER);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, MULTIPLIER);
  return hash ^ (hash >>> 15);
}
