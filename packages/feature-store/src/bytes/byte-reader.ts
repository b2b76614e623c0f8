import { MilongaError } from '@milonga/core';

const scratch = new Uint8Array(8);
const scratchFloat = new Float64Array(scratch.buffer);
const NOTHING = new Uint8Array(0);

/**
 * Reads what a `ByteWriter` wrote. One reader serves many values: `reset` points it at the next.
 *
 * @throws MilongaError `MILONGA_STORAGE_CORRUPT` when a value ends before what is read of it.
 */
export class ByteReader {
  bytes: Uint8Array = NOTHING;
  at = 0;
  end = 0;

  reset(bytes: Uint8Array, at: number = 0): this {
    this.bytes = bytes;
    this.at = at;
    this.end = bytes.length;
    return this;
  }

  get isDone(): boolean {
    return this.at >= this.end;
  }

  byte(): number {
    if (this.at >= this.end) throw cutOff(this.end);
    return this.bytes[this.at++]!;
  }

  varint(): number {
    const { bytes, end } = this;
    let at = this.at;
    let byte = at < end ? bytes[at++]! : this.#cutOff();
    let value = byte & 0x7f;
    for (let scale = 128; byte > 0x7f; scale *= 128) {
      byte = at < end ? bytes[at++]! : this.#cutOff();
      value += (byte & 0x7f) * scale;
    }
    this.at = at;
    return value;
  }

  signedVarint(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  uint48(): number {
    const { bytes, at } = this;
    this.skip(6);
    const low = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
    const high = bytes[at + 3]! | (bytes[at + 4]! << 8) | (bytes[at + 5]! << 16);
    return low + high * 0x1000000;
  }

  uint32(): number {
    const { bytes, at } = this;
    this.skip(4);
    return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
  }

  float64(): number {
    const { bytes, at } = this;
    this.skip(8);
    for (let byte = 0; byte < 8; byte += 1) scratch[byte] = bytes[at + byte]!;
    return scratchFloat[0]!;
  }

  /** Views of the next bytes. */
  view(length: number): Uint8Array {
    const { at } = this;
    this.skip(length);
    return this.bytes.subarray(at, at + length);
  }

  text(): string {
    const length = this.varint();
    const { at } = this;
    this.skip(length);
    return readText(this.bytes, at, at + length);
  }

  skip(length: number): void {
    this.at += length;
    if (this.at > this.end) throw cutOff(this.end);
  }

  #cutOff(): never {
    throw cutOff(this.end);
  }
}

/** UTF-8 between two places; a loop where it is short and ASCII, as ids are. */
export function readText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start < 24) {
    let text = '';
    for (let at = start; at < end; at += 1) {
      const code = bytes[at]!;
      if (code > 0x7f) return decode(bytes, start, end);
      text += String.fromCharCode(code);
    }
    return text;
  }
  return decode(bytes, start, end);
}

const decode = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.prototype.toString.call(bytes, 'utf8', start, end);

const cutOff = (end: number): MilongaError =>
  new MilongaError(
    'MILONGA_STORAGE_CORRUPT',
    `A stored feature value is cut off: it has ${end} bytes and should have more. Materialise the entity again.`,
  );
