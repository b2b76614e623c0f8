import { MilongaError } from '../../errors/milonga-error.ts';
import { bitmapBytes } from '../bits.ts';
import type { Column } from '../column.ts';
import { codedStringsOf } from '../compact-codes.ts';
import type { Dictionary } from '../dictionary.ts';
import type { Frame } from '../frame.ts';
import { checkAlike } from '../same-columns.ts';
import { slabBytes } from '../slab.ts';
import { BatchMessage } from './batch-message.ts';
import { isCoded, type SchemaMessage, schemaMessageOf } from './schema-message.ts';
import { StreamOutput } from './stream-output.ts';
import { expectedBytes, utf8Of } from './utf8-bytes.ts';

/**
 * Frames as an Arrow IPC stream: one record batch a frame, which any Arrow library reads.
 *
 * Strings and enumerations travel dictionary-coded (only the strings in use), vectors as fixed-size lists of float32,
 * timestamps as `timestamp[ms, UTC]`. {@link fromArrowStream} gives the same columns back, enumerations included.
 *
 * @throws MilongaError `MILONGA_FRAME_SHAPE` without a frame, or when frames have different columns.
 * @example
 * ```ts
 * const bytes = toArrowStream(frame);
 * const [same] = fromArrowStream(bytes);
 * ```
 */
export function toArrowStream(frames: Frame | readonly Frame[]): Uint8Array {
  const list = Array.isArray(frames) ? (frames as readonly Frame[]) : [frames as Frame];
  return new StreamWriter(list).write();
}

const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

class StreamWriter {
  readonly #frames: readonly Frame[];
  readonly #schema: SchemaMessage;
  readonly #output: StreamOutput;
  readonly #batch: BatchMessage = new BatchMessage();
  readonly #dictionary: BatchMessage = new BatchMessage();
  /** By dictionary id: what the reader has now. */
  readonly #written: Map<number, Dictionary> = new Map();

  constructor(frames: readonly Frame[]) {
    if (!IS_LITTLE_ENDIAN) throw new MilongaError('MILONGA_ARROW_UNSUPPORTED', 'Frames need a little-endian machine.');
    const layout = checkAlike(frames);
    this.#frames = frames;
    this.#schema = schemaMessageOf(layout);
    const rows = frames.reduce((sum, frame) => sum + frame.length, 0);
    const metadata = this.#schema.metadata.length + frames.length * (layout.types.length * 64 + 256);
    const strings = frames.reduce(
      (sum, frame) => sum + frame.columns.reduce((bytes, column) => bytes + expectedBytes(column), 0),
      0,
    );
    this.#output = new StreamOutput(slabBytes(layout.types, rows) + metadata + strings + 1024);
  }

  write(): Uint8Array {
    this.#output.message(this.#schema.metadata, []);
    for (const frame of this.#frames) this.#writeFrame(frame);
    return this.#output.finish();
  }

  #writeFrame(frame: Frame): void {
    this.#batch.reset();
    for (let slot = 0; slot < frame.columns.length; slot += 1)
      this.#addColumn(frame.columns[slot]!, this.#schema.dictionaryIds[slot]!);
    this.#output.message(this.#batch.metadata(frame.length), this.#batch.buffers);
  }

  #addColumn(column: Column, dictionaryId: number): void {
    const { type, length, validity } = column;
    const nullCount = validity === undefined ? 0 : column.nullCount;
    this.#batch.node(length, nullCount, validity?.subarray(0, bitmapBytes(length)));
    if (type.kind === 'list') this.#addElements(column, dictionaryId);
    else if (isCoded(type)) this.#addCodes(column, column.values as Int32Array, dictionaryId, nullCount > 0);
    else if (type.kind === 'boolean') this.#batch.buffer(column.values.subarray(0, bitmapBytes(length)));
    else {
      if (type.kind === 'vector') this.#batch.node(length * type.width, 0, undefined);
      this.#batch.buffer(column.values);
    }
  }

  #addElements(column: Column, dictionaryId: number): void {
    const { width } = column.type;
    const offsets = column.offsets!;
    const start = offsets[0]!;
    const end = offsets[column.length]!;
    this.#batch.buffer(start === 0 ? offsets : offsets.map((offset) => offset - start));
    const elements = column.values.subarray(start * width, end * width);
    this.#batch.node(end - start, 0, undefined);
    if (dictionaryId >= 0) this.#addCodes(column, elements as Int32Array, dictionaryId, false);
    else this.#batch.buffer(elements);
  }

  /** Codes, after the dictionary that they need: a batch may replace the dictionary of the one before. */
  #addCodes(column: Column, from: Int32Array, dictionaryId: number, hasNulls: boolean): void {
    const { codes, dictionary } = codedStringsOf(column, from, hasNulls);
    this.#batch.buffer(codes);
    if (this.#written.get(dictionaryId) === dictionary) return;
    this.#written.set(dictionaryId, dictionary);
    const { offsets, bytes } = utf8Of(dictionary);
    const message = this.#dictionary;
    message.reset();
    message.node(dictionary.size, 0, undefined);
    message.buffer(offsets);
    message.buffer(bytes);
    this.#output.message(message.metadata(dictionary.size, dictionaryId), message.buffers);
  }
}
