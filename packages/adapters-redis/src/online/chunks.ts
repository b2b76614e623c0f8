const MAX_ITEMS = 512;
const MAX_BYTES = 4 * 1024 * 1024;

/** Items in runs that one round trip takes: at most 512, and not more than 4 MiB unless a single one has more. */
export function* chunksOf<T>(items: readonly T[], sizeOf: (item: T) => number): Generator<readonly T[]> {
  let start = 0;
  let bytes = 0;
  for (let at = 0; at < items.length; at += 1) {
    const size = sizeOf(items[at]!);
    if (at > start && (at - start === MAX_ITEMS || bytes + size > MAX_BYTES)) {
      yield items.slice(start, at);
      start = at;
      bytes = 0;
    }
    bytes += size;
  }
  if (start < items.length) yield items.slice(start);
}
