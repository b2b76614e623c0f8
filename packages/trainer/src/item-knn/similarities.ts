import { BestOf } from '../best/best-of.ts';
import { type SparseMatrix, transpose } from '../matrix/sparse-matrix.ts';

/** Item-to-item similarities by source: item j leads to the targets from `offsets[j]` to `offsets[j + 1]`, best first. */
export interface Similarities {
  /** Length: items + 1. */
  readonly offsets: Int32Array;
  readonly targets: Int32Array;
  readonly values: Float32Array;
}

/** What {@link similarities} computes with; see `ItemKnnParameters`. */
export interface SimilarityOptions {
  readonly neighbours: number;
  readonly truncate: 'source' | 'target';
  readonly userDegreeExponent: number;
  readonly popularityAsymmetry: number;
  readonly shrinkage: number;
  /** Told the share of items that are done, now and then. */
  readonly onProgress?: (fraction: number) => void;
}

/**
 * The K best neighbours of every item, by co-occurrence in the rows of `groups` (users or baskets by items).
 *
 * `sim(j, i) = C_ji / ((n_j + s)^b (n_i + s)^(1-b))` with `C_ji = sum_u w_u v_uj v_ui`, `n_i = sum_u w_u v_ui^2` and
 * `w_u = |I_u|^-a`: the asymmetric cosine of Aiolli (Efficient Top-N Recommendation for Very Large Scale Binary Rated
 * Datasets, RecSys 2013), with the weight of Deshpande and Karypis (Item-Based Top-N Recommendation Algorithms, 2004) for
 * users who choose much. Rows with one item say nothing of pairs and are left out.
 *
 * One pass per item over the rows that hold it: time is the sum of `|I_u|^2`, memory is one number an item.
 */
export function similarities(groups: SparseMatrix, options: SimilarityOptions): Similarities {
  const byItem = transpose(groups);
  const weights = groupWeights(groups, options.userDegreeExponent);
  const support = supportOf(byItem, weights);
  const { source, target } = denominators(support, options);
  const items = groups.columns;
  const row = new CooccurrenceRow(groups, byItem, weights);
  const best = new BestOf(options.neighbours);
  const found = new NeighbourLists(items, options.neighbours);
  for (let item = 0; item < items; item += 1) {
    if (item % 1_024 === 0) options.onProgress?.(item / items);
    best.clear();
    const count = row.fill(item);
    const { touched, sums } = row;
    // C is symmetric: the row of an item holds its targets and its sources alike; only the denominators differ.
    const [own, others] = options.truncate === 'source' ? [source[item]!, target] : [target[item]!, source];
    for (let at = 0; at < count; at += 1) {
      const other = touched[at]!;
      if (other !== item) best.offer(other, sums[other]! * own * others[other]!);
    }
    row.empty(count);
    found.take(item, best);
  }
  return options.truncate === 'source' ? found.bySource() : found.byTarget();
}

/** `|I_u|^-a`; 0 for rows with one item, which hold no pair. */
function groupWeights({ rows, offsets }: SparseMatrix, exponent: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    const size = offsets[row + 1]! - offsets[row]!;
    return size < 2 ? 0 : size ** -exponent;
  });
}

/** `n_i`: what an item's row would have on the diagonal. */
function supportOf({ rows, offsets, indices, values }: SparseMatrix, weights: Float64Array): Float64Array {
  return Float64Array.from({ length: rows }, (_, item) => {
    let sum = 0;
    for (let at = offsets[item]!; at < offsets[item + 1]!; at += 1)
      sum += weights[indices[at]!]! * values[at]! * values[at]!;
    return sum;
  });
}

/** One division per item instead of one per pair. */
function denominators(
  support: Float64Array,
  { popularityAsymmetry, shrinkage }: SimilarityOptions,
): { source: Float64Array; target: Float64Array } {
  const inverse = (exponent: number): Float64Array =>
    support.map((sum) => (sum > 0 ? (sum + shrinkage) ** -exponent : 0));
  return { source: inverse(popularityAsymmetry), target: inverse(1 - popularityAsymmetry) };
}

/** One row of C at a time, in a dense array that is emptied by the list of what was touched. */
class CooccurrenceRow {
  readonly sums: Float64Array;
  readonly touched: Int32Array;
  readonly #groups: SparseMatrix;
  readonly #byItem: SparseMatrix;
  readonly #weights: Float64Array;
  readonly #isBinary: boolean;

  constructor(groups: SparseMatrix, byItem: SparseMatrix, weights: Float64Array) {
    this.#groups = groups;
    this.#byItem = byItem;
    this.#weights = weights;
    this.#isBinary = groups.values.every((value) => value === 1);
    this.sums = new Float64Array(groups.columns);
    this.touched = new Int32Array(groups.columns);
  }

  /** @returns how many items were touched; `touched` lists them. */
  fill(item: number): number {
    const { offsets, indices, values } = this.#byItem;
    let count = 0;
    for (let at = offsets[item]!; at < offsets[item + 1]!; at += 1) {
      const group = indices[at]!;
      const weight = this.#weights[group]! * values[at]!;
      if (weight === 0) continue;
      count = this.#isBinary ? this.#addOnes(group, weight, count) : this.#add(group, weight, count);
    }
    return count;
  }

  #addOnes(group: number, weight: number, count: number): number {
    const { offsets, indices } = this.#groups;
    const { sums, touched } = this;
    const end = offsets[group + 1]!;
    for (let at = offsets[group]!; at < end; at += 1) {
      const other = indices[at]!;
      const sum = sums[other]!;
      if (sum === 0) touched[count++] = other;
      sums[other] = sum + weight;
    }
    return count;
  }

  #add(group: number, weight: number, count: number): number {
    const { offsets, indices, values } = this.#groups;
    const { sums, touched } = this;
    const end = offsets[group + 1]!;
    for (let at = offsets[group]!; at < end; at += 1) {
      const own = weight * values[at]!;
      if (own === 0) continue; // decayed to nothing: it would be listed again each time
      const other = indices[at]!;
      const sum = sums[other]!;
      if (sum === 0) touched[count++] = other;
      sums[other] = sum + own;
    }
    return count;
  }

  empty(count: number): void {
    for (let at = 0; at < count; at += 1) this.sums[this.touched[at]!] = 0;
  }
}

/** The lists of all items, each at most K long, in one block; turned around at the end when they were lists of sources. */
class NeighbourLists {
  readonly #items: number;
  readonly #neighbours: number;
  readonly #counts: Int32Array;
  #others: Int32Array;
  #values: Float32Array;
  #used = 0;

  constructor(items: number, neighbours: number) {
    this.#items = items;
    this.#neighbours = neighbours;
    this.#counts = new Int32Array(items);
    const room = Math.min(items * neighbours, 1_048_576);
    this.#others = new Int32Array(room);
    this.#values = new Float32Array(room);
  }

  take(item: number, best: BestOf): void {
    if (this.#used + this.#neighbours > this.#others.length) this.#grow();
    const count = best.drainInto(this.#others, this.#values, this.#used);
    this.#counts[item] = count;
    this.#used += count;
  }

  #grow(): void {
    const room = this.#others.length * 2 + this.#neighbours;
    const others = new Int32Array(room);
    const values = new Float32Array(room);
    others.set(this.#others);
    values.set(this.#values);
    this.#others = others;
    this.#values = values;
  }

  bySource(): Similarities {
    const offsets = new Int32Array(this.#items + 1);
    for (let item = 0; item < this.#items; item += 1) offsets[item + 1] = offsets[item]! + this.#counts[item]!;
    return { offsets, targets: this.#others.slice(0, this.#used), values: this.#values.slice(0, this.#used) };
  }

  byTarget(): Similarities {
    const { offsets, targets, values } = this.bySource();
    const turned = transpose({ rows: this.#items, columns: this.#items, offsets, indices: targets, values });
    return { offsets: turned.offsets, targets: turned.indices, values: turned.values };
  }
}
