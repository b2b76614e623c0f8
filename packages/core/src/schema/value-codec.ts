import { type ByteReader, BytesCorrupt } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { MOST_TIMESTAMP } from './value-check.ts';
import type { ValueKind, ValueType } from './value-type.ts';

/** How values of a type become bytes. Nulls and booleans are flags of the row and never come here. */
export interface ValueCodec {
  /** False when the value is not of the type; what was written then is worth nothing. */
  write(to: ByteWriter, value: unknown): boolean;
  /** @throws BytesCorrupt */
  read(from: ByteReader): unknown;
}

const stringCodec: ValueCodec = {
  write: (to, value) => {
    if (typeof value !== 'string') return false;
    to.string(value);
    return true;
  },
  read: (from) => from.string(),
};

const int32Codec: ValueCodec = {
  write: (to, value) => {
    if (((value as number) | 0) !== value) return false;
    to.signed(value);
    return true;
  },
  read: (from) => from.signed(),
};

const float32Codec: ValueCodec = {
  write: (to, value) => {
    if (typeof value !== 'number') return false;
    to.float32(value);
    return true;
  },
  read: (from) => from.float32(),
};

const float64Codec: ValueCodec = {
  write: (to, value) => {
    if (typeof value !== 'number') return false;
    to.float64(value);
    return true;
  },
  read: (from) => from.float64(),
};

const timestampCodec: ValueCodec = {
  write: (to, value) => {
    if (!isTimestamp(value)) return false;
    to.float64(value);
    return true;
  },
  read: (from) => {
    const at = from.float64();
    if (!isTimestamp(at)) throw new BytesCorrupt('a timestamp is not one');
    return at;
  },
};

const isTimestamp = (value: unknown): value is number =>
  Number.isInteger(value) && Math.abs(value as number) <= MOST_TIMESTAMP;

function enumerationCodec({ categories = [] }: ValueType): ValueCodec {
  const codes = new Map<unknown, number>(categories.map((member, code) => [member, code]));
  return {
    write: (to, value) => {
      const code = codes.get(value);
      if (code === undefined) return false;
      to.varint(code);
      return true;
    },
    read: (from) => {
      const member = categories[from.varint()];
      if (member === undefined) throw new BytesCorrupt('an enumeration has no such member');
      return member;
    },
  };
}

const vectorCodec = ({ width }: ValueType): ValueCodec => ({
  write: (to, value) => {
    if (!(value instanceof Float32Array) || value.length !== width) return false;
    to.float32Array(value);
    return true;
  },
  read: (from) => from.float32Array(width),
});

function listCodec({ element }: ValueType): ValueCodec {
  const codec = codecOf(element as ValueType);
  return {
    write: (to, value) => {
      if (!Array.isArray(value)) return false;
      to.varint(value.length);
      for (let at = 0; at < value.length; at += 1) if (!codec.write(to, value[at])) return false;
      return true;
    },
    read: (from) => {
      const length = from.varint();
      if (length > from.left) throw new BytesCorrupt('a list is longer than its bytes'); // an element takes a byte or more
      const elements = new Array<unknown>(length);
      for (let at = 0; at < length; at += 1) elements[at] = codec.read(from);
      return elements;
    },
  };
}

const never: ValueCodec = { write: () => false, read: () => undefined };

const makers: Readonly<Record<ValueKind, (type: ValueType) => ValueCodec>> = {
  string: () => stringCodec,
  int32: () => int32Codec,
  float32: () => float32Codec,
  float64: () => float64Codec,
  boolean: () => never,
  timestamp: () => timestampCodec,
  enumeration: enumerationCodec,
  vector: vectorCodec,
  list: listCodec,
};

/** The codec of a type; the same one for nullable and not. */
export const codecOf = (type: ValueType): ValueCodec => makers[type.kind](type);
