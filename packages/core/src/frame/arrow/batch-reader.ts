import { bitmapBytes } from '../bits.ts';
import { corrupt } from './arrow-errors.ts';
import { type FlatbufferTable, readLong } from './flatbuffer-table.ts';

/** The body of a message: where it is in the memory of the stream. */
export interface MessageBody {
  readonly memory: ArrayBuffer;
  readonly start: number;
  readonly bytes: number;
}

/** Frames count in int32. */
const MOST_VALUES = 0x7fffffff;

/**
 * Walks over the nodes and buffers of one record batch, in the order of the columns. Each buffer is checked to lie in the
 * body and to be as long as its column needs, and all of them to fit in it together, so that nothing that is made of
 * them can be much larger than the stream itself.
 */
export class BatchReader {
  /** Rows of the batch. */
  readonly length: number;
  readonly #view: DataView;
  readonly #body: MessageBody;
  readonly #nodes: { readonly start: number; readonly length: number };
  readonly #buffers: { readonly start: number; readonly length: number };
  #node = 0;
  #buffer = 0;
  #claimed = 0;
  // The buffer that was read last.
  #start = 0;
  #bytes = 0;

  constructor(batch: FlatbufferTable, body: MessageBody) {
    this.#view = batch.view;
    this.#body = body;
    this.length = batch.long(0);
    if (this.length > MOST_VALUES) throw corrupt(`a batch of ${this.length} rows`);
    this.#nodes = batch.vector(1, 16);
    this.#buffers = batch.vector(2, 16);
  }

  /** Length and count of nulls of the next array. */
  node(): { readonly length: number; readonly nullCount: number } {
    if (this.#node >= this.#nodes.length) throw corrupt('a batch with fewer arrays than its schema has');
    const at = this.#nodes.start + 16 * this.#node++;
    const length = readLong(this.#view, at);
    const nullCount = readLong(this.#view, at + 8);
    if (length > MOST_VALUES) throw corrupt(`an array of ${length} values`);
    if (nullCount > length) throw corrupt(`${nullCount} nulls among ${length} values`);
    return { length, nullCount };
  }

  /** The next buffer as a bitmap; `undefined` when it is not needed. */
  validity(length: number, nullCount: number): Uint8Array | undefined {
    if (nullCount === 0) {
      this.#next(0);
      return undefined;
    }
    return this.bitmap(length);
  }

  bitmap(length: number): Uint8Array {
    const bytes = bitmapBytes(length);
    this.#next(bytes);
    return new Uint8Array(this.#body.memory, this.#start, bytes);
  }

  /** The next buffer, all of it. */
  bytes(): Uint8Array {
    this.#next(0);
    return new Uint8Array(this.#body.memory, this.#start, this.#bytes);
  }

  float64(length: number): Float64Array {
    this.#next(length * 8);
    return new Float64Array(this.#memory(8), this.#start, length);
  }

  float32(length: number): Float32Array {
    this.#next(length * 4);
    return new Float32Array(this.#memory(4), this.#start, length);
  }

  int32(length: number): Int32Array {
    this.#next(length * 4);
    return new Int32Array(this.#memory(4), this.#start, length);
  }

  /** Pairs of words of int64 values. */
  words(length: number): Int32Array {
    return this.int32(length * 2);
  }

  /** The offsets of `length` lists or strings; an empty array may have none at all. */
  offsets(length: number): Int32Array {
    if (!this.#isAbsent(length)) return this.int32(length + 1);
    this.#next(0);
    return new Int32Array(1);
  }

  /** 64-bit offsets, in words. */
  longOffsets(length: number): Int32Array {
    if (!this.#isAbsent(length)) return this.words(length + 1);
    this.#next(0);
    return new Int32Array(2);
  }

  int16(length: number): Int16Array {
    this.#next(length * 2);
    return new Int16Array(this.#memory(2), this.#start, length);
  }

  int8(length: number): Int8Array {
    this.#next(length);
    return new Int8Array(this.#body.memory, this.#start, length);
  }

  /** @throws MilongaError when the batch has more than its schema says. */
  end(): void {
    if (this.#node !== this.#nodes.length || this.#buffer !== this.#buffers.length) {
      throw corrupt('a batch with more arrays or buffers than its schema has');
    }
  }

  #isAbsent(length: number): boolean {
    return length === 0 && this.#peekBytes() === 0;
  }

  #peekBytes(): number {
    if (this.#buffer >= this.#buffers.length) throw corrupt('a batch with fewer buffers than its schema needs');
    return readLong(this.#view, this.#buffers.start + 16 * this.#buffer + 8);
  }

  #next(needed: number): void {
    const bytes = this.#peekBytes();
    const offset = readLong(this.#view, this.#buffers.start + 16 * this.#buffer);
    this.#buffer += 1;
    this.#claimed += bytes;
    if (offset + bytes > this.#body.bytes || this.#claimed > this.#body.bytes)
      throw corrupt('buffers that reach beyond the body of their message');
    if (bytes < needed) throw corrupt(`a buffer of ${bytes} bytes where its values need ${needed}`);
    this.#start = this.#body.start + offset;
    this.#bytes = bytes;
  }

  /** The memory to make a typed array over: that of the stream where the buffer is aligned in it, else a copy. */
  #memory(align: number): ArrayBuffer {
    if (this.#start % align === 0) return this.#body.memory;
    const copy = this.#body.memory.slice(this.#start, this.#start + this.#bytes);
    this.#start = 0;
    return copy;
  }
}
