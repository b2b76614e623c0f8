/**
 * The partition of a key: FNV-1a over its UTF-16 units, its bits mixed once more so that the low ones are as good as the
 * high ones. Part of what is stored: a key must find its partition again after an upgrade.
 */
export function partitionOf(key: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i += 1) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return ((hash ^ (hash >>> 16)) >>> 0) % partitions;
}
