import { setImmediate as turn } from 'node:timers/promises';
import type { Bucket } from '@google-cloud/storage';

/** So that the event loop goes on while a large object is summed. */
const BYTES_AT_ONCE = 1024 * 1024;

/** CRC-32C as Cloud Storage writes it (RFC 4960, appendix B; big-endian in base64), by the client's own generator. */
export async function crc32cOf(bucket: Bucket, bytes: Uint8Array): Promise<string> {
  const sum = bucket.storage.crc32cGenerator();
  for (let at = 0; at < bytes.length; at += BYTES_AT_ONCE) {
    if (at > 0) await turn();
    sum.update(viewOf(bytes, at, at + BYTES_AT_ONCE));
  }
  return sum.toString();
}

/** Part of an array as a `Buffer`, without a copy. */
export const viewOf = (bytes: Uint8Array, start: number = 0, end: number = bytes.length): Buffer => {
  const until = Math.min(end, bytes.length);
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, until - start);
};
