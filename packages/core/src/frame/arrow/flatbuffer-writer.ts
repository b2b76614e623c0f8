/**
 * Writes FlatBuffers, the encoding of Arrow's metadata (flatbuffers.dev/internals), front to back: a table first, then
 * what it points to. Little more than Arrow needs: tables, strings, vectors.
 *
 * Positions are byte offsets from the start. One writer is used again and again; {@link reset} empties it.
 */
export class FlatbufferWriter {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(4096);
  #view: DataView<ArrayBuffer> = new DataView(this.#bytes.buffer);
  #length = 0;

  /** Starts anew, with room for the reference to the root table at position 0. */
  reset(): void {
    this.#bytes.fill(0, 0, this.#length);
    this.#length = 4;
  }

  /** What was written, padded to 8 bytes. A view: valid until the next reset. */
  finish(): Uint8Array {
    this.#advance(0, 8);
    return this.#bytes.subarray(0, this.#length);
  }

  /**
   * A table that the reference at `referrer` points to. `sizes` are the bytes of its fields by id, 0 for an absent one.
   * Returns the position of each field, to write to.
   */
  table(referrer: number, sizes: readonly number[]): readonly number[] {
    const vtable = this.#advance(4 + 2 * sizes.length, 2);
    const start = this.#advance(4, 8);
    this.#view.setUint32(referrer, start - referrer, true);
    this.#view.setInt32(start, start - vtable, true);
    const positions = new Array<number>(sizes.length).fill(-1);
    for (const size of [8, 4, 2, 1]) {
      for (let id = 0; id < sizes.length; id += 1) {
        if (sizes[id] !== size) continue;
        const position = this.#advance(size, size);
        positions[id] = position;
        this.#view.setUint16(vtable + 4 + 2 * id, position - start, true);
      }
    }
    this.#view.setUint16(vtable, 4 + 2 * sizes.length, true);
    this.#view.setUint16(vtable + 2, this.#length - start, true);
    return positions;
  }

  /** A vector that the reference at `referrer` points to. Returns the position of its first element. */
  vector(referrer: number, count: number, elementBytes: number): number {
    const align = Math.min(8, Math.max(4, elementBytes));
    const padding = (align - ((this.#length + 4) % align)) % align; // it is the elements that must be aligned
    const start = this.#advance(padding + 4, 1) + padding;
    this.#view.setUint32(referrer, start - referrer, true);
    this.#view.setUint32(start, count, true);
    return this.#advance(count * elementBytes, 1);
  }

  /** A string that the reference at `referrer` points to. */
  string(referrer: number, text: string): void {
    const utf8 = Buffer.from(text);
    const start = this.vector(referrer, utf8.length, 1);
    this.#bytes.set(utf8, start);
    this.#advance(1, 1); // strings end in a zero that their length does not count
    this.#advance(0, 4);
  }

  byte(position: number, value: number): void {
    this.#bytes[position] = value;
  }

  short(position: number, value: number): void {
    this.#view.setInt16(position, value, true);
  }

  int(position: number, value: number): void {
    this.#view.setInt32(position, value, true);
  }

  /** A whole number from 0 to 2^53. */
  long(position: number, value: number): void {
    this.#view.setUint32(position, value >>> 0, true);
    this.#view.setUint32(position + 4, Math.floor(value / 4_294_967_296), true);
  }

  #advance(bytes: number, align: number): number {
    const start = (this.#length + align - 1) & -align;
    this.#length = start + bytes;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return start;
  }
}
