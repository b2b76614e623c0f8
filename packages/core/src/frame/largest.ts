/**
 * Positions of the `count` largest keys, largest first, in O(n + count log count) for most inputs: a heap of the best
 * with the worst on top (Knuth, TAOCP 3, 5.2.3), so that most candidates cost one comparison.
 *
 * NaN sinks below everything, -Infinity included. Equal keys go to the smaller id (by UTF-16 code units), so that a
 * replay gives the same slate; `idsOf` is called at the first tie and never otherwise. Equal keys and ids go to the
 * smaller position.
 *
 * @example
 * ```ts
 * largest(Float64Array.of(0.1, 0.9, NaN, 0.9), 2, () => ['a', 'c', 'd', 'b']); // Int32Array [3, 1]
 * ```
 */
export function largest(keys: Float64Array, count: number, idsOf: () => readonly string[]): Int32Array {
  const size = Math.max(0, Math.min(Math.trunc(count) || 0, keys.length));
  const heap = Int32Array.from({ length: size }, (_, position) => position);
  if (size === 0) return heap;
  const isWorse = orderOf(keys, idsOf);
  for (let at = (size >> 1) - 1; at >= 0; at -= 1) sink(heap, at, size, isWorse);
  for (let position = size; position < keys.length; position += 1) {
    const worst = heap[0]!;
    if (keys[position]! < keys[worst]! || isWorse(position, worst)) continue;
    heap[0] = position;
    sink(heap, 0, size, isWorse);
  }
  for (let left = size - 1; left > 0; left -= 1) {
    const worst = heap[0]!; // the worst goes last: what remains is best first
    heap[0] = heap[left]!;
    heap[left] = worst;
    sink(heap, 0, left, isWorse);
  }
  return heap;
}

type IsWorse = (left: number, right: number) => boolean;

/** A total order of positions: by key, then id, then position. */
function orderOf(keys: Float64Array, idsOf: () => readonly string[]): IsWorse {
  let ids: readonly string[] | undefined;
  return (left, right) => {
    const leftKey = keys[left]!;
    const rightKey = keys[right]!;
    if (leftKey < rightKey) return true;
    if (leftKey > rightKey) return false;
    const isLeftNaN = Number.isNaN(leftKey);
    if (isLeftNaN !== Number.isNaN(rightKey)) return isLeftNaN;
    ids ??= idsOf();
    const leftId = ids[left]!;
    const rightId = ids[right]!;
    return leftId === rightId ? left > right : leftId > rightId;
  };
}

function sink(heap: Int32Array, from: number, size: number, isWorse: IsWorse): void {
  const moving = heap[from]!;
  let at = from;
  for (let child = 2 * at + 1; child < size; child = 2 * at + 1) {
    if (child + 1 < size && isWorse(heap[child + 1]!, heap[child]!)) child += 1;
    if (!isWorse(heap[child]!, moving)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = moving;
}
