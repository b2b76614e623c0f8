/** Thrown inside the codec when bytes end too early or cannot be what they should be. */
export class BytesCorrupt extends Error {}

/** Reads what {@link ByteWriter} wrote; every read is checked against the end. */
export class ByteReader {
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  /** Begins to read `bytes` at `start`. */
  reset(bytes: Uint8Array, start: number): void {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** The position after `count` more bytes. */
  #advance(count: number): number {
    const start = this.#at;
    if (count > this.#bytes.length - start) throw new BytesCorrupt('it is cut off');
    this.#at = start + count;
    return start;
  }

  byte(): number {
    return this.#bytes[this.#advance(1)]!;
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value = (value | ((byte & 0x7f) << shift)) >>> 0;
      if (byte > 0x7f) continue;
      if (shift === 28 && byte > 0x0f) break;
      return value;
    }
    throw new BytesCorrupt('a number is too long');
  }

  signed(): number {
    const value = this.varint();
    return (value >>> 1) ^ -(value & 1);
  }

  float32(): number {
    return this.#bytes.readFloatLE(this.#advance(4));
  }

  float64(): number {
    return this.#bytes.readDoubleLE(this.#advance(8));
  }

  float32Array(length: number): Float32Array {
    const start = this.#advance(4 * length);
    const values = new Float32Array(length);
    for (let at = 0; at < length; at += 1) values[at] = this.#bytes.readFloatLE(start + 4 * at);
    return values;
  }

  string(): string {
    const length = this.varint();
    const start = this.#advance(length);
    return this.#bytes.toString('utf8', start, start + length);
  }
}
