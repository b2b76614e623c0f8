import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { hashText } from './text-hash.ts';

const SEED_OF_PLACE = 0x2545f491;
const SEED_OF_RANK = 0x9e3779b9;
/** Ranks come from 32 bits: 1 to 33, so that a register takes six bits. */
const RANKS = 33;
const ALPHA = 1 / (2 * Math.LN2);

/**
 * A HyperLogLog sketch (Flajolet et al. 2007) of distinct texts, with the estimator of Ertl ("New cardinality estimation
 * algorithms for HyperLogLog sketches", 2017, algorithm 6), which needs no tables of biases.
 *
 * While it holds at most 2^precision / 8 texts it keeps their hashes and counts exactly, but for colliding 38-bit hashes;
 * beyond, the standard error is 1.04 / sqrt(2^precision). A merge of sketches equals the sketch of the union.
 */
export class HyperLogLog {
  readonly precision: number;
  /** Ascending, each `place hash * 64 + rank`. */
  #sparse: number[] | undefined = [];
  #registers: Uint8Array | undefined;

  constructor(precision: number) {
    this.precision = precision;
  }

  add(text: string): void {
    this.#addHash(hashText(text, SEED_OF_PLACE) * 64 + Math.clz32(hashText(text, SEED_OF_RANK)) + 1);
  }

  #addHash(hash: number): void {
    const { precision } = this;
    const sparse = this.#sparse;
    if (sparse === undefined) {
      raise(this.#registers!, hash, precision);
      return;
    }
    const at = placeOf(sparse, hash);
    if (sparse[at] === hash) return;
    sparse.splice(at, 0, hash);
    if (sparse.length > sparseLimit(precision)) this.#densify();
  }

  #densify(): Uint8Array {
    if (this.#registers === undefined) {
      this.#registers = new Uint8Array(2 ** this.precision);
      for (const hash of this.#sparse!) raise(this.#registers, hash, this.precision);
      this.#sparse = undefined;
    }
    return this.#registers;
  }

  /** Takes in everything that another sketch of the same precision holds. */
  merge(other: HyperLogLog): void {
    if (other.#sparse !== undefined) {
      for (const hash of other.#sparse) this.#addHash(hash);
      return;
    }
    const mine = this.#densify();
    const theirs = other.#registers!;
    for (let at = 0; at < mine.length; at += 1) if (theirs[at]! > mine[at]!) mine[at] = theirs[at]!;
  }

  /** How many distinct texts there are, as a whole number. */
  estimate(): number {
    return this.#sparse === undefined ? Math.round(estimateOf(this.#registers!)) : this.#sparse.length;
  }

  write(to: ByteWriter): void {
    const sparse = this.#sparse;
    if (sparse === undefined) {
      to.varint(0);
      writeRegisters(this.#registers!, to);
      return;
    }
    to.varint(sparse.length + 1);
    let before = 0;
    for (const hash of sparse) {
      to.varint(hash - before);
      before = hash;
    }
  }

  static read(from: ByteReader, precision: number): HyperLogLog {
    const sketch = new HyperLogLog(precision);
    const count = from.varint();
    if (count === 0) {
      sketch.#sparse = undefined;
      sketch.#registers = readRegisters(from, precision);
      return sketch;
    }
    const sparse = sketch.#sparse!;
    let hash = 0;
    for (let at = 1; at < count; at += 1) {
      hash += from.varint();
      sparse.push(hash);
    }
    return sketch;
  }
}

/** Texts up to which a sketch is exact. */
export const sparseLimit = (precision: number): number => 2 ** precision / 8;

function raise(registers: Uint8Array, hash: number, precision: number): void {
  const rank = hash % 64;
  const place = Math.floor(hash / 64) >>> (32 - precision);
  if (rank > registers[place]!) registers[place] = rank;
}

function placeOf(sorted: readonly number[], hash: number): number {
  let low = 0;
  for (let high = sorted.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < hash) low = middle + 1;
    else high = middle;
  }
  return low;
}

function estimateOf(registers: Uint8Array): number {
  const counts = new Float64Array(RANKS + 1);
  for (const rank of registers) counts[rank]! += 1;
  const size = registers.length;
  let z = size * tau(1 - counts[RANKS]! / size);
  for (let rank = RANKS - 1; rank >= 1; rank -= 1) z = 0.5 * (z + counts[rank]!);
  z += size * sigma(counts[0]! / size);
  return (ALPHA * size * size) / z;
}

function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY;
  let [x, y, z, before] = [share, 1, share, -1];
  while (z !== before) {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  }
  return z;
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let [x, y, z, before] = [share, 1, 1 - share, -1];
  while (z !== before) {
    x = Math.sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) ** 2 * y;
  }
  return z / 3;
}

/** Four registers of six bits in three bytes. */
function writeRegisters(registers: Uint8Array, to: ByteWriter): void {
  for (let at = 0; at < registers.length; at += 4) {
    const four = registers[at]! | (registers[at + 1]! << 6) | (registers[at + 2]! << 12) | (registers[at + 3]! << 18);
    to.byte(four & 0xff);
    to.byte((four >>> 8) & 0xff);
    to.byte(four >>> 16);
  }
}

function readRegisters(from: ByteReader, precision: number): Uint8Array {
  const registers = new Uint8Array(2 ** precision);
  for (let at = 0; at < registers.length; at += 4) {
    const four = from.byte() | (from.byte() << 8) | (from.byte() << 16);
    registers[at] = four & 63;
    registers[at + 1] = (four >>> 6) & 63;
    registers[at + 2] = (four >>> 12) & 63;
    registers[at + 3] = four >>> 18;
  }
  return registers;
}
