const scratch = new Uint8Array(8);
const scratchFloat = new Float64Array(scratch.buffer);

const BLOCK_BYTES = 64 * 1_024;
const LARGE_BYTES = 4 * 1_024;
const NO_BLOCK = new ArrayBuffer(0);

/** Appends numbers, bytes and text to memory that grows and is used again: `reset`, write, `finish`. */
export class ByteWriter {
  #bytes: Buffer;
  #length = 0;
  #block: ArrayBuffer = NO_BLOCK;
  #used = 0;

  constructor(capacity: number = 256) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity);
  }

  get length(): number {
    return this.#length;
  }

  reset(): void {
    this.#length = 0;
  }

  /** Forgets what was written from `length` on. */
  truncate(length: number): void {
    this.#length = length;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  /** A whole number from 0 to 2^53 - 1 in 1 to 8 bytes: seven bits a byte, low ones first. */
  varint(value: number): void {
    this.#reserve(8);
    const bytes = this.#bytes;
    let at = this.#length;
    let rest = value;
    while (rest > 0x7fffffff) {
      bytes[at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    while (rest > 0x7f) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.#length = at;
  }

  /** A whole number from -2^52 to 2^52, small ones in few bytes. */
  signedVarint(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** A whole number from 0 to 2^48 - 1 in 6 bytes: moments, in Unix ms. */
  uint48(value: number): void {
    this.#reserve(6);
    this.#bytes.writeUIntLE(value, this.#length, 6);
    this.#length += 6;
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.#bytes.writeUInt32LE(value >>> 0, this.#length);
    this.#length += 4;
  }

  float64(value: number): void {
    this.#reserve(8);
    scratchFloat[0] = value;
    for (let at = 0; at < 8; at += 1) this.#bytes[this.#length + at] = scratch[at]!;
    this.#length += 8;
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** Its length in bytes as a varint, then UTF-8. */
  text(value: string): void {
    const { length } = value;
    if (length < 128) {
      this.#reserve(length + 1);
      const bytes = this.#bytes;
      const start = this.#length + 1;
      let at = 0;
      for (; at < length; at += 1) {
        const code = value.charCodeAt(at);
        if (code > 0x7f) break;
        bytes[start + at] = code;
      }
      if (at === length) {
        bytes[start - 1] = length;
        this.#length = start + length;
        return;
      }
    }
    const size = Buffer.byteLength(value);
    this.varint(size);
    this.#reserve(size);
    this.#bytes.write(value, this.#length);
    this.#length += size;
  }

  /** What was written from `start` on moves behind a varint with its length. */
  prefixLength(start: number): void {
    const size = this.#length - start;
    const prefix = size < 0x80 ? 1 : size < 0x4000 ? 2 : size < 0x200000 ? 3 : 4;
    this.#reserve(prefix + 8); // also what `varint` asks for: memory must not move while the end is set back
    this.#bytes.copyWithin(start + prefix, start, this.#length);
    this.#length = start;
    this.varint(size);
    this.#length = start + prefix + size;
  }

  /**
   * A copy of what was written. Small copies share a block of memory, because an allocation each costs more than the bytes: for
   * values that are handed on soon, as all of a batch are.
   */
  finish(): Uint8Array {
    const size = this.#length;
    if (size > LARGE_BYTES) return Uint8Array.prototype.slice.call(this.#bytes, 0, size);
    if (this.#used + size > this.#block.byteLength) {
      this.#block = new ArrayBuffer(BLOCK_BYTES);
      this.#used = 0;
    }
    const copy = new Uint8Array(this.#block, this.#used, size);
    if (size < 48) for (let at = 0; at < size; at += 1) copy[at] = this.#bytes[at]!;
    else this.#bytes.copy(copy, 0, 0, size);
    this.#used += size;
    return copy;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
