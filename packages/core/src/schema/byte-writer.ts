const KEPT_BYTES = 1 << 20;

/**
 * Writes bytes, little-endian, into memory that grows and is used again. Nothing is allocated per value.
 */
export class ByteWriter {
  #bytes: Buffer = Buffer.allocUnsafeSlow(1024);
  #view: DataView = new DataView(this.#bytes.buffer);
  #length = 0;

  /** Starts anew at `length`. Memory for an exceptionally large row is not kept. */
  reset(length: number): void {
    if (this.#bytes.length > KEPT_BYTES) this.#replace(1024, 0);
    this.#length = length;
  }

  get length(): number {
    return this.#length;
  }

  byte(value: number): void {
    if (this.#length + 1 > this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = value;
  }

  /** Writes into what was written before. */
  setByte(at: number, value: number): void {
    this.#bytes[at] = value;
  }

  /** Sets bit `bit` of the bits that begin at `at`. */
  setFlag(at: number, bit: number): void {
    this.#bytes[at + (bit >>> 3)]! |= 1 << (bit & 7);
  }

  setUint32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  /** A number from 0 to 2^32 - 1, seven bits a byte, the lowest first (LEB128). */
  varint(value: number): void {
    if (this.#length + 5 > this.#bytes.length) this.#grow(5);
    let left = value;
    while (left > 0x7f) {
      this.#bytes[this.#length++] = (left & 0x7f) | 0x80;
      left >>>= 7;
    }
    this.#bytes[this.#length++] = left;
  }

  /** An int32 so that small ones are short, negative ones too (zigzag). */
  signed(value: number): void {
    this.varint(((value << 1) ^ (value >> 31)) >>> 0);
  }

  float32(value: number): void {
    if (this.#length + 4 > this.#bytes.length) this.#grow(4);
    this.#view.setFloat32(this.#length, value, true);
    this.#length += 4;
  }

  float64(value: number): void {
    if (this.#length + 8 > this.#bytes.length) this.#grow(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  float32Array(values: Float32Array): void {
    const bytes = values.byteLength;
    if (this.#length + bytes > this.#bytes.length) this.#grow(bytes);
    for (let at = 0; at < values.length; at += 1) this.#view.setFloat32(this.#length + 4 * at, values[at]!, true);
    this.#length += bytes;
  }

  /** The number of bytes, then the text as UTF-8. */
  string(text: string): void {
    const { length } = text;
    if (this.#length + 5 + 3 * length > this.#bytes.length) this.#grow(5 + 3 * length);
    if (length < 48 && this.#shortAscii(text)) return;
    const bytes = Buffer.byteLength(text);
    this.varint(bytes);
    this.#bytes.write(text, this.#length);
    this.#length += bytes;
  }

  /** The bytes so far, as a copy of their own. */
  copy(): Uint8Array {
    return new Uint8Array(this.#bytes.subarray(0, this.#length));
  }

  /** A checksum of the bytes from `start` on; see {@link checksum}. */
  checksum(start: number, seed: number): number {
    return checksum(this.#bytes, start, this.#length, seed);
  }

  /** For short text a loop beats the call into native code; false where it turns out not to be ASCII. */
  #shortAscii(text: string): boolean {
    const bytes = this.#bytes;
    const start = this.#length + 1;
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      if (unit > 0x7f) return false;
      bytes[start + at] = unit;
    }
    bytes[this.#length] = text.length;
    this.#length = start + text.length;
    return true;
  }

  #grow(needed: number): void {
    this.#replace(Math.max(this.#length + needed, this.#bytes.length * 2), this.#length);
  }

  #replace(size: number, kept: number): void {
    const larger = Buffer.allocUnsafeSlow(size);
    this.#bytes.copy(larger, 0, 0, kept);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/**
 * FNV-1a (Fowler, Noll, Vo), 32 bits. Each step is a bijection of the sum so far, so that a change of one byte always
 * changes the result; other damage goes unnoticed once in four billion times.
 */
export function checksum(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let sum = seed ^ 0x811c9dc5;
  for (let at = start; at < end; at += 1) sum = Math.imul(sum ^ bytes[at]!, 0x01000193);
  return sum >>> 0;
}
