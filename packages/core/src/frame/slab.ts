import type { ValueType } from '../schema/value-type.ts';
import { bitmapBytes } from './bits.ts';
import type { Values } from './column.ts';

/** Bytes of the value buffer of `length` rows; for a list, of `length` elements. */
export function valueBytes(type: ValueType, length: number): number {
  const { kind } = type.kind === 'list' ? (type.element as ValueType) : type;
  if (kind === 'boolean') return bitmapBytes(length);
  return length * type.width * (kind === 'float64' ? 8 : 4);
}

const padded = (bytes: number): number => (bytes + 7) & ~7;

/** Room that a {@link Slab} needs for columns of these types: values (lists apart) and validity. */
export function slabBytes(types: readonly ValueType[], length: number): number {
  let bytes = 0;
  for (const type of types) {
    if (type.kind !== 'list') bytes += padded(valueBytes(type, length));
    if (type.isNullable) bytes += padded(bitmapBytes(length));
  }
  return bytes;
}

/** One allocation for all columns of a frame, handed out in pieces: 35 small buffers cost more than what goes in. */
export class Slab {
  readonly #buffer: ArrayBuffer;
  #used = 0;

  constructor(bytes: number) {
    this.#buffer = new ArrayBuffer(bytes);
  }

  /** Zeros, typed for the values of `length` rows (for a list: elements). */
  values(type: ValueType, length: number): Values {
    const bytes = valueBytes(type, length);
    const at = this.#advance(bytes);
    const { kind } = type.kind === 'list' ? (type.element as ValueType) : type;
    if (kind === 'float64') return new Float64Array(this.#buffer, at, bytes >>> 3);
    if (kind === 'float32' || kind === 'vector') return new Float32Array(this.#buffer, at, bytes >>> 2);
    if (kind === 'boolean') return new Uint8Array(this.#buffer, at, bytes);
    return new Int32Array(this.#buffer, at, bytes >>> 2);
  }

  /** A bitmap of `length` cleared bits. */
  bits(length: number): Uint8Array {
    const bytes = bitmapBytes(length);
    return new Uint8Array(this.#buffer, this.#advance(bytes), bytes);
  }

  #advance(bytes: number): number {
    const at = this.#used;
    this.#used += padded(bytes);
    return at;
  }
}

/** A value buffer of its own: zeros for `length` rows (for a list: elements). */
export const newValues = (type: ValueType, length: number): Values =>
  new Slab(padded(valueBytes(type, length))).values(type, length);
