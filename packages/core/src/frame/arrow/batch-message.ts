import { HEADER, METADATA_V5 } from './arrow-format.ts';
import { FlatbufferWriter } from './flatbuffer-writer.ts';

const NOTHING: Uint8Array = new Uint8Array(0);

/** The bytes of a typed array, as they are in memory. */
export const bytesOf = (view: ArrayBufferView): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/** One record batch or dictionary batch that is being put together: its nodes, and its buffers in order. */
export class BatchMessage {
  readonly #to: FlatbufferWriter = new FlatbufferWriter();
  readonly #nodes: number[] = [];
  readonly buffers: Uint8Array[] = [];

  reset(): void {
    this.#nodes.length = 0;
    this.buffers.length = 0;
  }

  /** An array of `length` values: its counts, then its validity. */
  node(length: number, nullCount: number, validity: Uint8Array | undefined): void {
    this.#nodes.push(length, nullCount);
    this.buffers.push(nullCount === 0 || validity === undefined ? NOTHING : validity);
  }

  buffer(view: ArrayBufferView): void {
    this.buffers.push(bytesOf(view));
  }

  /** The metadata, valid until the next call: of a record batch, or of the dictionary with `dictionaryId`. */
  metadata(length: number, dictionaryId?: number): Uint8Array {
    const to = this.#to;
    to.reset();
    const [version, headerType, header, bodyLength] = to.table(0, [2, 1, 4, 8]) as [number, number, number, number];
    to.short(version, METADATA_V5);
    to.byte(headerType, dictionaryId === undefined ? HEADER.recordBatch : HEADER.dictionaryBatch);
    let batch = header;
    if (dictionaryId !== undefined) {
      const [id, data] = to.table(header, [8, 4]) as [number, number];
      to.long(id, dictionaryId);
      batch = data;
    }
    const [rows, nodes, buffers] = to.table(batch, [8, 4, 4]) as [number, number, number];
    to.long(rows, length);
    let position = to.vector(nodes, this.#nodes.length / 2, 16);
    for (const count of this.#nodes) {
      to.long(position, count);
      position += 8;
    }
    to.long(bodyLength, this.#writeBuffers(buffers));
    return to.finish();
  }

  #writeBuffers(referrer: number): number {
    let position = this.#to.vector(referrer, this.buffers.length, 16);
    let offset = 0;
    for (const { byteLength } of this.buffers) {
      this.#to.long(position, offset);
      this.#to.long(position + 8, byteLength);
      position += 16;
      offset += (byteLength + 7) & ~7;
    }
    return offset;
  }
}
