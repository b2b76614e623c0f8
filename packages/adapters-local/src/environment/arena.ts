const BLOCK_BYTES = 64 * 1024;
/** A value this large gets memory of its own, so that keeping it keeps nothing else. */
const LARGE_BYTES = 8 * 1024;

/** Copies many small values into few blocks of memory: values of a batch live and die together. */
export class Arena {
  #block: Uint8Array | undefined;
  #used = 0;

  /** @param expected Values to come: a single one is given memory of its own. */
  constructor(expected: number) {
    if (expected > 4) this.#block = new Uint8Array(BLOCK_BYTES);
  }

  /** A copy of the first `size` bytes. */
  keep(bytes: Uint8Array, size: number): Uint8Array {
    const block = this.#block;
    if (block === undefined || size >= LARGE_BYTES) return Uint8Array.prototype.slice.call(bytes, 0, size);
    if (this.#used + size > BLOCK_BYTES) {
      this.#block = new Uint8Array(BLOCK_BYTES);
      this.#used = 0;
      return this.keep(bytes, size);
    }
    const copy = new Uint8Array(block.buffer, this.#used, size);
    Buffer.prototype.copy.call(bytes, block, this.#used, 0, size);
    this.#used += size;
    return copy;
  }
}
