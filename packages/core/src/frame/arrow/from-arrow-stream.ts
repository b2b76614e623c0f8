import { MilongaError } from '../../errors/milonga-error.ts';
import type { Column } from '../column.ts';
import { ColumnBuilder } from '../column-builder.ts';
import type { Dictionary } from '../dictionary.ts';
import { Frame } from '../frame.ts';
import { joinDictionaries } from '../join-dictionaries.ts';
import { corrupt, unsupported } from './arrow-errors.ts';
import { CONTINUATION, HEADER, METADATA_V5 } from './arrow-format.ts';
import { BatchReader, type MessageBody } from './batch-reader.ts';
import { FlatbufferTable } from './flatbuffer-table.ts';
import { shortOffsets } from './int64-values.ts';
import { type StreamSchema, streamSchemaOf } from './stream-schema.ts';
import { utf8Dictionary } from './utf8-dictionary.ts';

/** What {@link fromArrowStream} may overlook. */
export interface FromArrowOptions {
  /** True to take a stream that just stops after a message. Then a cut-off stream may go unnoticed. Default: false. */
  readonly isEndOptional?: boolean;
}

/**
 * Reads an Arrow IPC stream: one frame a record batch; an empty frame where there is none, so that columns are known.
 *
 * Nothing is copied where memory and frame agree: floats, int32, booleans, `timestamp[ms]`, codes, validity, fixed-size
 * lists of float32; the frames then hold on to `bytes`, which must not change. Strings are decoded when first read.
 * Other types come as what holds them without loss: small integers as int32; uint32, int64 and uint64 as float64; dates
 * and other timestamps as ms (finer ones rounded down); plain strings as string; lists of float32 as list of float64.
 * Enumerations come back as such when Milonga wrote them. {@link Frame.as} brings the result to declared fields.
 *
 * Safe for bytes from outside: lengths and codes are checked, and what is allocated is bounded by the size of `bytes`.
 *
 * @throws MilongaError `MILONGA_ARROW_CORRUPT` for damaged or cut-off bytes, `MILONGA_ARROW_UNSUPPORTED` for types such as
 * decimal, struct or half floats, nulls inside lists, compressed bodies, and integers beyond 2^53.
 */
export function fromArrowStream(bytes: Uint8Array, options: FromArrowOptions = {}): Frame[] {
  try {
    return new StreamReader(bytes).read(options.isEndOptional ?? false);
  } catch (error) {
    if (MilongaError.isInstance(error)) throw error;
    if (error instanceof RangeError) throw corrupt('a position outside of the metadata', error); // from a DataView
    throw error;
  }
}

const MOST_EMPTY_ROWS = 1_000_000;
const FILE_MAGIC = 'ARROW1';

class StreamReader {
  readonly #bytes: Uint8Array;
  readonly #memory: ArrayBuffer;
  readonly #view: DataView;
  readonly #frames: Frame[] = [];
  readonly #dictionaries: Map<number, Dictionary> = new Map();
  #schema: StreamSchema | undefined;
  #position = 0;

  constructor(bytes: Uint8Array) {
    // Zero-copy needs buffers at multiples of 8 in memory; a stream that begins elsewhere is copied as a whole, once.
    const isAligned = bytes.byteOffset % 8 === 0 && bytes.buffer instanceof ArrayBuffer;
    this.#bytes = isAligned ? bytes : new Uint8Array(bytes);
    this.#memory = this.#bytes.buffer as ArrayBuffer;
    this.#view = new DataView(this.#memory, this.#bytes.byteOffset, this.#bytes.length);
  }

  read(isEndOptional: boolean): Frame[] {
    const begin = Buffer.from(this.#memory, this.#bytes.byteOffset, Math.min(6, this.#bytes.length)).toString('latin1');
    if (begin === FILE_MAGIC) throw unsupported('it is in the file format of Arrow; write the stream format');
    while (this.#readMessage(isEndOptional));
    if (this.#position < this.#bytes.length)
      throw corrupt(`${this.#bytes.length - this.#position} bytes after its end`);
    if (this.#schema === undefined) throw corrupt('there is no schema');
    if (this.#frames.length === 0) this.#frames.push(emptyFrame(this.#schema));
    return this.#frames;
  }

  /** False at the end of the stream. */
  #readMessage(isEndOptional: boolean): boolean {
    const left = this.#bytes.length - this.#position;
    if (left === 0 && isEndOptional) return false;
    if (left < 8) throw corrupt('it is cut off before its end');
    if (this.#view.getUint32(this.#position, true) !== CONTINUATION)
      throw corrupt(`no message begins at byte ${this.#position}`);
    const metadataBytes = this.#view.getInt32(this.#position + 4, true);
    this.#position += 8;
    if (metadataBytes === 0) return false;
    if (metadataBytes < 0 || metadataBytes > left - 8) throw corrupt('it is cut off inside a message');
    const metadata = this.#bytes.subarray(this.#position, this.#position + metadataBytes);
    this.#position += metadataBytes;
    const message = FlatbufferTable.root(new DataView(this.#memory, metadata.byteOffset, metadataBytes));
    const bodyBytes = message.long(3);
    if (bodyBytes > this.#bytes.length - this.#position) throw corrupt('it is cut off inside the body of a message');
    const body = { memory: this.#memory, start: this.#bytes.byteOffset + this.#position, bytes: bodyBytes };
    this.#position += bodyBytes;
    this.#handle(message, metadata, body);
    return true;
  }

  #handle(message: FlatbufferTable, metadata: Uint8Array, body: MessageBody): void {
    if (message.short(0) > METADATA_V5 || message.short(0) < METADATA_V5 - 1)
      throw unsupported(`its metadata has version ${message.short(0) + 1}, not 4 or 5`);
    const type = message.byte(1);
    const header = message.table(2);
    if (header === undefined) throw corrupt('a message without a header');
    if (type === HEADER.schema) {
      if (this.#schema !== undefined) throw corrupt('a second schema');
      this.#schema = streamSchemaOf(metadata, header);
    } else if (this.#schema === undefined) throw corrupt('a message before the schema');
    else if (type === HEADER.dictionaryBatch) this.#readDictionary(header, body, this.#schema);
    else if (type === HEADER.recordBatch) this.#readBatch(header, body, this.#schema);
    else throw unsupported(`it has a message of type ${type}`);
  }

  #readBatch(header: FlatbufferTable, body: MessageBody, schema: StreamSchema): void {
    checkNotCompressed(header);
    const reader = new BatchReader(header, body);
    // Rows without columns take no bytes, so bytes do not bound them.
    if (schema.plans.length === 0 && reader.length > MOST_EMPTY_ROWS)
      throw unsupported(`it has ${reader.length} rows without columns`);
    const columns = schema.plans.map((plan) => plan.read(reader, this.#dictionaries));
    reader.end();
    this.#frames.push(new Frame(schema.layout, columns, reader.length));
  }

  /** A dictionary, its replacement, or what is added to it. */
  #readDictionary(header: FlatbufferTable, body: MessageBody, schema: StreamSchema): void {
    const id = header.long(0);
    const data = header.table(1);
    const known = schema.dictionaries.get(id);
    if (data === undefined || known === undefined) throw corrupt(`dictionary ${id} is not in the schema`);
    checkNotCompressed(data);
    const reader = new BatchReader(data, body);
    const { length, nullCount } = reader.node();
    if (nullCount > 0) throw unsupported(`dictionary ${id} has a null among its strings`);
    reader.validity(length, nullCount);
    const offsets = known.isLarge ? shortOffsets(reader.longOffsets(length)) : reader.offsets(length);
    const dictionary = utf8Dictionary(offsets, reader.bytes());
    reader.end();
    const earlier = header.byte(2) === 0 ? undefined : this.#dictionaries.get(id);
    this.#dictionaries.set(id, earlier === undefined ? dictionary : joinDictionaries([earlier, dictionary]).dictionary);
  }
}

function checkNotCompressed(batch: FlatbufferTable): void {
  if (batch.table(3) !== undefined) throw unsupported('its bodies are compressed; write it without compression');
}

function emptyFrame({ layout }: StreamSchema): Frame {
  const columns = layout.types.map((type, slot) => new ColumnBuilder(layout.names[slot]!, type, 0).finish() as Column);
  return new Frame(layout, columns, 0);
}
