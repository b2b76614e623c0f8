import { MilongaError } from '../errors/milonga-error.ts';
import { ByteReader, BytesCorrupt } from './byte-reader.ts';
import { ByteWriter, checksum } from './byte-writer.ts';
import { checkFieldNames, describeType } from './describe-type.ts';
import { fingerprint } from './fingerprint.ts';
import { describeFound } from './value-check.ts';
import { codecOf, type ValueCodec } from './value-codec.ts';
import type { Fields, Row, ValueType } from './value-type.ts';

/*
 * The format, version 1. All numbers little-endian.
 *
 *   byte 0        1, the version
 *   bytes 1-4     the first 32 bits of the fingerprint of the fields
 *   bytes 5-8     checksum of what follows (FNV-1a), seeded with the fingerprint
 *   flags         one bit per nullable field (1: present), then one per boolean field, in order; padded with zeros
 *   values        in order of the fields; booleans and nulls take no bytes here
 *
 * string: varint of its bytes, UTF-8. int32: zigzag varint. float32: 4 bytes. float64 and timestamp: 8 bytes (a float64
 * holds every timestamp exactly). enumeration: varint of its code. vector: its floats. list: varint of its length, elements.
 */
const VERSION = 1;
const HEADER_BYTES = 9;

interface CompiledField {
  readonly name: string;
  readonly type: ValueType;
  readonly codec: ValueCodec;
  /** The bit that says that a value is present; -1 for a field that always has one. */
  readonly presentBit: number;
  /** The bit that is the value of a boolean; -1 for others. */
  readonly booleanBit: number;
}

interface RowCodec {
  readonly fields: readonly CompiledField[];
  readonly flagBytes: number;
  readonly fingerprint: number;
}

const known = new WeakMap<Fields, RowCodec>();

function compile(fields: Fields): RowCodec {
  checkFieldNames(fields);
  const types = Object.values(fields);
  const nullables = types.filter((type) => type.isNullable).length;
  let present = 0;
  let boolean = nullables;
  const compiled = Object.entries(fields).map(([name, type]) => ({
    name,
    type,
    codec: codecOf(type),
    presentBit: type.isNullable ? present++ : -1,
    booleanBit: type.kind === 'boolean' ? boolean++ : -1,
  }));
  const codec = {
    fields: compiled,
    flagBytes: (boolean + 7) >>> 3,
    fingerprint: Number.parseInt(fingerprint(fields).slice(0, 8), 16),
  };
  known.set(fields, codec);
  return codec;
}

const writer = new ByteWriter();
const reader = new ByteReader();

/**
 * A row as bytes: compact, checked, and fast (over a million rows of six fields a second). For events in logs and feature
 * rows in stores. The fields are compiled once per fields value, so keep them in a constant.
 *
 * The row must have been made or validated under these fields. Keep `fields` beside the bytes, or find them by
 * {@link rowFingerprint}: bytes do not describe themselves.
 *
 * @throws MilongaError `MILONGA_SCHEMA_INVALID` when a value does not have the type of its field.
 * @example
 * ```ts
 * const fields = { userId: string(), coins: int32() };
 * decodeRow(fields, encodeRow(fields, { userId: 'u1', coins: 5 })); // { userId: 'u1', coins: 5 }
 * ```
 */
export function encodeRow<F extends Fields>(fields: F, row: Row<F>): Uint8Array {
  const codec = known.get(fields) ?? compile(fields);
  const from = row as Readonly<Record<string, unknown>>;
  writer.reset(HEADER_BYTES + codec.flagBytes);
  for (let at = 0; at < HEADER_BYTES + codec.flagBytes; at += 1) writer.setByte(at, 0);
  for (let slot = 0; slot < codec.fields.length; slot += 1) {
    const field = codec.fields[slot]!;
    const value = from[field.name];
    if (value === null || value === undefined) {
      if (field.presentBit < 0) throw mismatch(field, value);
      continue;
    }
    if (field.presentBit >= 0) writer.setFlag(HEADER_BYTES, field.presentBit);
    if (field.booleanBit >= 0) {
      if (value === true) writer.setFlag(HEADER_BYTES, field.booleanBit);
      else if (value !== false) throw mismatch(field, value);
    } else if (!field.codec.write(writer, value)) throw mismatch(field, value);
  }
  writer.setByte(0, VERSION);
  writer.setUint32(1, codec.fingerprint);
  writer.setUint32(5, writer.checksum(HEADER_BYTES, codec.fingerprint));
  return writer.copy();
}

const mismatch = ({ name, type }: CompiledField, value: unknown): MilongaError =>
  new MilongaError(
    'MILONGA_SCHEMA_INVALID',
    `Field "${name}" takes ${describeType(type)}; found ${describeFound(value)}.`,
  );

/**
 * A row of the bytes that {@link encodeRow} made under the same fields.
 *
 * @throws MilongaError `MILONGA_ROW_FINGERPRINT` when the bytes were written with other fields, `MILONGA_ROW_CORRUPT` when
 * they are damaged or something else.
 */
export function decodeRow<F extends Fields>(fields: F, bytes: Uint8Array): Row<F> {
  const codec = known.get(fields) ?? compile(fields);
  checkHeader(codec, bytes);
  reader.reset(bytes, HEADER_BYTES + codec.flagBytes);
  const row: Record<string, unknown> = {};
  try {
    for (let slot = 0; slot < codec.fields.length; slot += 1) {
      const field = codec.fields[slot]!;
      if (field.presentBit >= 0 && !hasFlag(bytes, field.presentBit)) row[field.name] = null;
      else row[field.name] = field.booleanBit >= 0 ? hasFlag(bytes, field.booleanBit) : field.codec.read(reader);
    }
  } catch (error) {
    if (error instanceof BytesCorrupt) throw corrupt(error.message);
    throw error;
  }
  if (reader.left > 0) throw corrupt(`${reader.left} bytes follow after its values`);
  return row as Row<F>;
}

const hasFlag = (bytes: Uint8Array, bit: number): boolean =>
  ((bytes[HEADER_BYTES + (bit >>> 3)]! >>> (bit & 7)) & 1) === 1;

function checkHeader(codec: RowCodec, bytes: Uint8Array): void {
  if (bytes.length < HEADER_BYTES + codec.flagBytes) throw corrupt(`it has ${bytes.length} bytes`);
  if (bytes[0] !== VERSION) throw corrupt(`it begins with ${bytes[0]} where the version ${VERSION} is expected`);
  const written = uint32(bytes, 1);
  if (written !== codec.fingerprint) {
    throw new MilongaError(
      'MILONGA_ROW_FINGERPRINT',
      `The row was written with fields of fingerprint ${hex(written)}; it is read with ${hex(codec.fingerprint)}. Read it with the fields that it was written with.`,
    );
  }
  if (uint32(bytes, 5) !== checksum(bytes, HEADER_BYTES, bytes.length, codec.fingerprint))
    throw corrupt('its checksum does not match');
}

/**
 * The first eight digits of the {@link fingerprint} of the fields that a row was encoded with: which of several fields to
 * decode it with, after a definition has changed.
 *
 * @throws MilongaError `MILONGA_ROW_CORRUPT` when the bytes do not begin like a row.
 */
export function rowFingerprint(bytes: Uint8Array): string {
  if (bytes.length < HEADER_BYTES || bytes[0] !== VERSION) throw corrupt('it does not begin like a row');
  return hex(uint32(bytes, 1));
}

const uint32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;

const hex = (value: number): string => value.toString(16).padStart(8, '0');

const corrupt = (finding: string): MilongaError =>
  new MilongaError('MILONGA_ROW_CORRUPT', `An encoded row cannot be read: ${finding}.`);
