import type { ReceivedEvent } from '@milonga/core';
import { corrupt } from '../environment/storage-errors.ts';
import { ASCII, CHUNK_HEADER_BYTES, CHUNK_VERSION, checksumOf, EVENT_HEADER_BYTES } from './chunk-writer.ts';

/** When the events of a chunk were published, Unix ms. Reads the header only. */
export const publishedAt = (chunk: Buffer): number => Buffer.prototype.readDoubleLE.call(chunk, 8);

/** Methods that every Buffer of Node has, faster than `toString` for short text. */
interface Sliceable {
  latin1Slice(start: number, end: number): string;
  utf8Slice(start: number, end: number): string;
}

/** Reads a chunk event by event, so that a batch may end in the middle of it. */
export class ChunkReader {
  readonly #bytes: Buffer & Sliceable;
  readonly #isAscii: boolean;
  #at = CHUNK_HEADER_BYTES;
  #left: number;
  #offset: number;

  /** @param bytes Kept by the values that are read from it: must not be reused. */
  constructor(bytes: Buffer, first: number) {
    this.#bytes = bytes as Buffer & Sliceable;
    this.#offset = first;
    if (bytes.length < CHUNK_HEADER_BYTES || bytes[0] !== CHUNK_VERSION) {
      throw corrupt(`The event log at offset ${first}`, `version ${bytes[0]} instead of ${CHUNK_VERSION}`);
    }
    if (bytes.length - CHUNK_HEADER_BYTES !== bytes.readUInt32LE(16) || checksumOf(bytes) !== bytes.readUInt32LE(20)) {
      throw corrupt(`The event log at offset ${first}`, 'its checksum does not match');
    }
    this.#isAscii = (bytes[1]! & ASCII) !== 0;
    this.#left = bytes.readUInt32LE(4);
  }

  /** Offset of the next event, also after the last. */
  get offset(): number {
    return this.#offset;
  }

  get isDone(): boolean {
    return this.#left === 0;
  }

  /** Passes over the events before `offset`. */
  skipTo(offset: number): void {
    const bytes = this.#bytes;
    while (this.#left > 0 && this.#offset < offset) {
      const at = this.#at;
      this.#at =
        at +
        EVENT_HEADER_BYTES +
        bytes.readUInt16LE(at + 16) +
        bytes.readUInt16LE(at + 18) +
        bytes.readUInt32LE(at + 20) +
        bytes.readUInt32LE(at + 24);
      this.#offset += 1;
      this.#left -= 1;
    }
  }

  /** Adds up to `limit` events to `into`, and gives the bytes they take. */
  take(into: ReceivedEvent[], limit: number): number {
    const start = this.#at;
    for (let i = Math.min(limit, this.#left); i > 0; i -= 1) into.push(this.#next());
    return this.#at - start;
  }

  #next(): ReceivedEvent {
    const bytes = this.#bytes;
    const at = this.#at;
    const idStart = at + EVENT_HEADER_BYTES;
    const keyStart = idStart + bytes.readUInt16LE(at + 16);
    const headersStart = keyStart + bytes.readUInt16LE(at + 18);
    const valueStart = headersStart + bytes.readUInt32LE(at + 20);
    const end = valueStart + bytes.readUInt32LE(at + 24);
    const event = {
      id: this.#text(idStart, keyStart),
      key: this.#text(keyStart, headersStart),
      eventAt: bytes.readDoubleLE(at),
      ingestedAt: bytes.readDoubleLE(at + 8),
      value: new Uint8Array(bytes.buffer, bytes.byteOffset + valueStart, end - valueStart),
      offset: this.#offset,
    };
    this.#at = end;
    this.#offset += 1;
    this.#left -= 1;
    if (valueStart === headersStart) return event;
    return {
      ...event,
      headers: JSON.parse(bytes.toString('utf8', headersStart, valueStart)) as Record<string, string>,
    };
  }

  #text(start: number, end: number): string {
    return this.#isAscii ? this.#bytes.latin1Slice(start, end) : this.#bytes.utf8Slice(start, end);
  }
}
