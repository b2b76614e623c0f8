/**
 * The K best of a stream of numbered values: a heap with the worst on top, so that most values cost one comparison.
 * Equal values go to the smaller number, whatever the order in which they come. Values of 0 and below, and NaN, are no
 * neighbours and are not taken.
 */
export class BestOf {
  readonly #limit: number;
  readonly #ids: Int32Array;
  readonly #values: Float64Array;
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
    this.#ids = new Int32Array(limit);
    this.#values = new Float64Array(limit);
  }

  clear(): void {
    this.#size = 0;
  }

  offer(id: number, value: number): void {
    if (!(value > 0) || this.#limit === 0) return;
    if (this.#size < this.#limit) {
      this.#rise(id, value);
      return;
    }
    const worst = this.#values[0]!;
    if (value < worst || (value === worst && id > this.#ids[0]!)) return;
    this.#sink(id, value, this.#size);
  }

  #rise(id: number, value: number): void {
    const ids = this.#ids;
    const values = this.#values;
    let at = this.#size;
    this.#size += 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isBetter(values[parent]!, ids[parent]!, value, id)) {
        ids[at] = ids[parent]!;
        values[at] = values[parent]!;
        at = parent;
      } else break;
    }
    ids[at] = id;
    values[at] = value;
  }

  /** Puts an entry in the place of the top, and lets it sink in a heap of `size`. */
  #sink(id: number, value: number, size: number): void {
    const ids = this.#ids;
    const values = this.#values;
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && isBetter(values[child]!, ids[child]!, values[child + 1]!, ids[child + 1]!)) child += 1;
      if (!isBetter(value, id, values[child]!, ids[child]!)) break;
      ids[at] = ids[child]!;
      values[at] = values[child]!;
      at = child;
    }
    ids[at] = id;
    values[at] = value;
  }

  /** Hands out what is in it, best first, and empties it. */
  drain(visit: (id: number, value: number) => void): void {
    const ids = new Int32Array(this.#size);
    const values = new Float64Array(this.#size);
    this.drainInto(ids, values, 0);
    for (let at = 0; at < ids.length; at += 1) visit(ids[at]!, values[at]!);
  }

  /** Writes what is in it, best first, and empties it. @returns how many there were. */
  drainInto(ids: Int32Array, values: Float32Array | Float64Array, start: number): number {
    const count = this.#size;
    for (let left = count - 1; left >= 0; left -= 1) {
      ids[start + left] = this.#ids[0]!;
      values[start + left] = this.#values[0]!;
      this.#sink(this.#ids[left]!, this.#values[left]!, left);
    }
    this.#size = 0;
    return count;
  }
}

const isBetter = (value: number, id: number, than: number, thanId: number): boolean =>
  value > than || (value === than && id < thanId);
