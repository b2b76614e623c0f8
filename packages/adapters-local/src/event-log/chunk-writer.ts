import { crc32 } from 'node:zlib';
import { type EventMessage, MilongaError } from '@milonga/core';

/**
 * How a run of events of one partition lies in a value: a header, then the events one after another, little-endian.
 *
 * Header: `version u8 | flags u8 | 0 u16 | events u32 | published at f64 | bytes of the events u32 | crc-32 of all else u32`.
 * Event: `event at f64 | ingested at f64 | id length u16 | key length u16 | headers length u32 | value length u32`, then the
 * id, the key, the headers as JSON (nothing when there are none) and the value.
 */
export const CHUNK_VERSION = 1;
export const CHUNK_HEADER_BYTES = 24;
export const EVENT_HEADER_BYTES = 28;
/** Flag: every id and key is ASCII, so that decoding may take the fast path. */
export const ASCII = 1;
/** A chunk is closed when it has grown this long: pages of long values must lie together in the file. */
const FULL_BYTES = 128 * 1024;
const FULL_EVENTS = 4_096;
const LONGEST_NAME_BYTES = 0xffff;

/** Of everything in a chunk but the checksum itself. */
export const checksumOf = (chunk: Buffer): number =>
  crc32(chunk.subarray(CHUNK_HEADER_BYTES), crc32(chunk.subarray(0, CHUNK_HEADER_BYTES - 4)));

/** Packs events into memory that is used again for every chunk. */
export class ChunkWriter {
  #bytes: Buffer = Buffer.allocUnsafeSlow(FULL_BYTES * 2);
  #length = CHUNK_HEADER_BYTES;
  #events = 0;
  #isAscii = true;

  begin(): void {
    this.#length = CHUNK_HEADER_BYTES;
    this.#events = 0;
    this.#isAscii = true;
  }

  get events(): number {
    return this.#events;
  }

  get isFull(): boolean {
    return this.#length >= FULL_BYTES || this.#events >= FULL_EVENTS;
  }

  /** Adds an event, or says why it cannot be stored. */
  add(event: EventMessage): MilongaError | undefined {
    const { id, key, value } = event;
    if (!(value instanceof Uint8Array)) return invalid('`value` must be a Uint8Array', typeof value);
    const headers = event.headers === undefined ? '' : JSON.stringify(event.headers);
    this.#reserve(EVENT_HEADER_BYTES + (id.length + key.length + headers.length) * 3 + value.length);
    const start = this.#length;
    const idStart = start + EVENT_HEADER_BYTES;
    const keyStart = this.#text(id, idStart);
    const headersStart = this.#text(key, keyStart);
    if (keyStart - idStart > LONGEST_NAME_BYTES || headersStart - keyStart > LONGEST_NAME_BYTES) {
      return invalid(
        `\`id\` and \`key\` may have ${LONGEST_NAME_BYTES} bytes each`,
        `${keyStart - idStart} and ${headersStart - keyStart}`,
      );
    }
    const bytes = this.#bytes;
    const valueStart = headers === '' ? headersStart : headersStart + bytes.write(headers, headersStart);
    bytes.writeDoubleLE(event.eventAt, start);
    bytes.writeDoubleLE(event.ingestedAt, start + 8);
    bytes.writeUInt16LE(keyStart - idStart, start + 16);
    bytes.writeUInt16LE(headersStart - keyStart, start + 18);
    bytes.writeUInt32LE(valueStart - headersStart, start + 20);
    bytes.writeUInt32LE(value.length, start + 24);
    bytes.set(value, valueStart);
    this.#length = valueStart + value.length;
    this.#events += 1;
    return undefined;
  }

  /** The packed chunk; overwritten by what comes next. */
  finish(publishedAt: number): Buffer {
    const bytes = this.#bytes;
    bytes[0] = CHUNK_VERSION;
    bytes[1] = this.#isAscii ? ASCII : 0;
    bytes.writeUInt16LE(0, 2);
    bytes.writeUInt32LE(this.#events, 4);
    bytes.writeDoubleLE(publishedAt, 8);
    bytes.writeUInt32LE(this.#length - CHUNK_HEADER_BYTES, 16);
    const chunk = bytes.subarray(0, this.#length);
    bytes.writeUInt32LE(checksumOf(chunk), 20);
    return chunk;
  }

  /** Writes text and gives its end. Ids and keys are short and nearly always ASCII: a loop beats a call there. */
  #text(text: string, start: number): number {
    const bytes = this.#bytes;
    const { length } = text;
    if (length <= 80) {
      let at = 0;
      for (; at < length; at += 1) {
        const code = text.charCodeAt(at);
        if (code > 0x7f) break;
        bytes[start + at] = code;
      }
      if (at === length) return start + length;
    }
    const written = bytes.write(text, start);
    if (written !== length) this.#isAscii = false;
    return start + written;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#length + more));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }

  /** Gives back memory that one huge event needed. */
  shrink(): void {
    if (this.#bytes.length > FULL_BYTES * 8) this.#bytes = Buffer.allocUnsafeSlow(FULL_BYTES * 2);
  }
}

const invalid = (expected: string, found: string): MilongaError =>
  new MilongaError('MILONGA_SCHEMA_INVALID', `An event cannot be stored: ${expected}; found ${found}.`);
