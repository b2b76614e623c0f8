const BLOCK_BYTES = 64 * 1024;
/** A value this large gets memory of its own, so that keeping it keeps nothing else. */
const LARGE_BYTES = 8 * 1024;
const FEW = 4;

/** Copies many small values into few blocks of memory: values of a batch live and die together. */
export class Arena {
  /** Where the value placed last lies, at the place that was returned. */
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  readonly #isForMany: boolean;
  #block: Uint8Array<ArrayBuffer> = this.bytes;
  #used = 0;

  /** @param expected Values to come: few are given memory of their own. */
  constructor(expected: number) {
    this.#isForMany = expected > FEW;
  }

  /** Copies the first `size` bytes into {@link bytes}, and gives the place where they begin. */
  place(value: Uint8Array, size: number): number {
    if (!this.#isForMany || size >= LARGE_BYTES) {
      this.bytes = new Uint8Array(size);
      Buffer.prototype.copy.call(value, this.bytes, 0, 0, size);
      return 0;
    }
    if (this.#used + size > this.#block.length) {
      this.#block = new Uint8Array(BLOCK_BYTES);
      this.#used = 0;
    }
    this.bytes = this.#block;
    const start = this.#used;
    Buffer.prototype.copy.call(value, this.#block, start, 0, size);
    this.#used = start + size;
    return start;
  }

  /** As {@link place}, as a view. */
  keep(value: Uint8Array, size: number): Uint8Array {
    const start = this.place(value, size);
    return new Uint8Array(this.bytes.buffer, start, size);
  }
}
