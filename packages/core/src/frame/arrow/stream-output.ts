import { CONTINUATION } from './arrow-format.ts';

const padded = (bytes: number): number => Math.ceil(bytes / 8) * 8;

/** The bytes of a stream, growing. Every message and every buffer begins at a multiple of 8. */
export class StreamOutput {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView<ArrayBuffer>;
  #length = 0;

  constructor(expectedBytes: number) {
    this.#bytes = new Uint8Array(padded(expectedBytes));
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** An encapsulated message: continuation, length of the metadata, metadata (a multiple of 8 bytes), body. */
  message(metadata: Uint8Array, body: readonly Uint8Array[]): void {
    let bytes = 8 + metadata.length;
    for (const { byteLength } of body) bytes += padded(byteLength);
    this.#reserve(bytes);
    this.#view.setUint32(this.#length, CONTINUATION, true);
    this.#view.setInt32(this.#length + 4, metadata.length, true);
    this.#bytes.set(metadata, this.#length + 8);
    this.#length += 8 + metadata.length;
    for (let at = 0; at < body.length; at += 1) {
      const buffer = body[at]!;
      if (buffer.byteLength === 0) continue;
      this.#bytes.set(buffer, this.#length);
      this.#length += padded(buffer.byteLength);
    }
  }

  /** Ends the stream. */
  finish(): Uint8Array {
    this.#reserve(8);
    this.#view.setUint32(this.#length, CONTINUATION, true);
    this.#length += 8;
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(padded(Math.max(needed + 8, this.#bytes.length * 2)));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
