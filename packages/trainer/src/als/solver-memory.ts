import { MilongaError } from '@milonga/core';
import type { SparseMatrix } from '../matrix/sparse-matrix.ts';
import { PAGE_BYTES, type WasmMemory, webAssembly } from '../wasm/web-assembly.ts';
import { LANES } from './row-kernel.ts';

const MOST_BYTES = 65_536 * PAGE_BYTES; // what 32-bit addresses reach

/** An array in the memory that the kernel works on, and its address there. */
export interface Placed<T> {
  readonly array: T;
  readonly address: number;
}

/** One side of the factorisation: its vectors, and for each of them what it interacted with. */
export interface Side {
  readonly rows: number;
  /** `rows` vectors of `stride` floats each; those beyond the factors are 0. */
  readonly vectors: Placed<Float32Array>;
  readonly offsets: Int32Array;
  readonly indices: Placed<Int32Array>;
  readonly weights: Placed<Float32Array>;
}

/** The memory of one factorisation, laid out once: both sides, and room for the vectors and the matrix of one equation. */
export class SolverMemory {
  readonly memory: WasmMemory;
  readonly stride: number;
  readonly users: Side;
  readonly items: Side;
  readonly residual: Placed<Float32Array>;
  readonly direction: Placed<Float32Array>;
  readonly image: Placed<Float32Array>;
  /** `factors` rows of `stride`. */
  readonly gram: Placed<Float32Array>;
  /** 0, 1, 2 and so on: the rows of the Gram matrix as entries. */
  readonly counting: Placed<Int32Array>;
  #used = 0;

  constructor(byUser: SparseMatrix, byItem: SparseMatrix, factors: number) {
    this.stride = Math.ceil(factors / LANES) * LANES;
    const floats =
      this.stride * (byUser.rows + byItem.rows + factors + 3) +
      2 * (byUser.indices.length + byItem.indices.length) +
      factors;
    const bytes = 4 * floats + 64 * 16;
    if (bytes > MOST_BYTES)
      throw new MilongaError(
        'MILONGA_TRAINING_FAILED',
        `Factorising ${byUser.rows} by ${byUser.columns} with ${factors} factors needs ${bytes} bytes; at most ${MOST_BYTES} can be addressed. Use fewer factors, or a shorter window.`,
      );
    this.memory = new webAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
    this.users = this.#side(byUser);
    this.items = this.#side(byItem);
    this.residual = this.#floats(this.stride);
    this.direction = this.#floats(this.stride);
    this.image = this.#floats(this.stride);
    this.gram = this.#floats(this.stride * factors);
    this.counting = this.#integers(Int32Array.from({ length: factors }, (_, row) => row));
  }

  #side({ rows, offsets, indices, values }: SparseMatrix): Side {
    const weights = this.#floats(values.length);
    weights.array.set(values);
    return { rows, vectors: this.#floats(rows * this.stride), offsets, indices: this.#integers(indices), weights };
  }

  #floats(length: number): Placed<Float32Array> {
    const address = this.#take(length);
    return { address, array: new Float32Array(this.memory.buffer, address, length) };
  }

  #integers(values: Int32Array): Placed<Int32Array> {
    const address = this.#take(values.length);
    const array = new Int32Array(this.memory.buffer, address, values.length);
    array.set(values);
    return { address, array };
  }

  /** Addresses are multiples of 64: a vector does not lie across more lines of the cache than it must. */
  #take(length: number): number {
    const address = this.#used;
    this.#used += Math.ceil((4 * length) / 64) * 64;
    return address;
  }
}
