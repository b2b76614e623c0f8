import { MilongaError } from '@milonga/core';

/** Longest key that LMDB takes with pages of 4 KiB. */
export const MAX_KEY_BYTES = 1_978;

/** @throws MilongaError `MILONGA_KEY_INVALID` for an empty or too long key. */
export function checkKey(key: Uint8Array, what: string): Uint8Array {
  if (key.length > 0 && key.length <= MAX_KEY_BYTES) return key;
  throw new MilongaError(
    'MILONGA_KEY_INVALID',
    `A key of ${what} must have 1 to ${MAX_KEY_BYTES} bytes; found ${key.length}.`,
  );
}

/** @throws MilongaError `MILONGA_KEY_INVALID` for an empty or too long key. */
export function checkName(key: string, what: string): string {
  if (key.length > 0 && (key.length * 3 <= MAX_KEY_BYTES || Buffer.byteLength(key) <= MAX_KEY_BYTES)) return key;
  throw new MilongaError(
    'MILONGA_KEY_INVALID',
    `A key of ${what} must have 1 to ${MAX_KEY_BYTES} bytes in UTF-8; found ${Buffer.byteLength(key)}.`,
  );
}

/** Strings as UTF-8. Most keys are short and ASCII, and a loop is faster there than a call into the runtime. */
export const stringKeys = {
  writeKey(key: string | Uint8Array, target: Buffer, start: number): number {
    if (typeof key !== 'string') {
      target.set(key, start); // Bounds of ranges that the engine makes itself.
      return start + key.length;
    }
    const { length } = key;
    if (length <= 64) {
      let at = 0;
      for (; at < length; at += 1) {
        const code = key.charCodeAt(at);
        if (code > 0x7f) break;
        target[start + at] = code;
      }
      if (at === length) return start + length;
    }
    return start + target.write(key, start, 'utf8');
  },
  readKey: (source: Buffer, start: number, end: number): string =>
    Buffer.prototype.toString.call(source, 'utf8', start, end),
};

/** Below every other name: where a range over a whole database begins. */
export const FIRST_NAME = '\0';

/** The next key in byte order. */
export function after(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1);
  next.set(key);
  return next;
}

/** Room for the index of an entry beside 32 bits of its key in one exact number. */
const INDEX_SPAN = 2 ** 21;
/** Below this, sorting costs more than it saves. */
const WORTH_SORTING = 32;

/**
 * The order in which to write a batch: roughly ascending by key, and equal keys in the order of the batch. Neighbours in
 * the tree are then written together, so that a page is changed by one transaction of a sliced batch and not by many.
 */
export function writeOrder(keys: readonly Uint8Array[]): Uint32Array {
  const order = new Uint32Array(keys.length);
  for (let i = 0; i < order.length; i += 1) order[i] = i;
  if (keys.length < WORTH_SORTING || keys.length > INDEX_SPAN) return order;
  const shared = sharedPrefix(keys);
  const sortable = new Float64Array(keys.length);
  for (let i = 0; i < keys.length; i += 1) sortable[i] = fourBytes(keys[i]!, shared) * INDEX_SPAN + i;
  sortable.sort();
  for (let i = 0; i < order.length; i += 1) order[i] = sortable[i]! % INDEX_SPAN;
  return order;
}

function sharedPrefix(keys: readonly Uint8Array[]): number {
  const first = keys[0]!;
  let shared = first.length;
  for (let i = 1; i < keys.length && shared > 0; i += 1) {
    const key = keys[i]!;
    let at = 0;
    while (at < shared && key[at] === first[at]) at += 1;
    shared = at;
  }
  return shared;
}

const fourBytes = (key: Uint8Array, at: number): number =>
  (((key[at] ?? 0) << 24) | ((key[at + 1] ?? 0) << 16) | ((key[at + 2] ?? 0) << 8) | (key[at + 3] ?? 0)) >>> 0;
