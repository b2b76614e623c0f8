import { hasBit } from '../bits.ts';
import { corrupt } from './arrow-errors.ts';
import type { ArrowType } from './arrow-field.ts';
import type { BatchReader } from './batch-reader.ts';

/** What codes are checked against. */
interface CodeLimits {
  readonly validity: Uint8Array | undefined;
  readonly size: number;
  readonly name: string;
}

/** Codes of a dictionary column as int32: as they are in the stream, or widened. Every one is in the dictionary. */
export function readCodes(reader: BatchReader, length: number, indexType: ArrowType, limits: CodeLimits): Int32Array {
  const codes = readIntegers(reader, length, indexType);
  const { validity, size, name } = limits;
  for (let row = 0; row < length; row += 1) {
    if (codes[row]! >>> 0 >= size && (validity === undefined || hasBit(validity, row))) {
      throw corrupt(`column "${name}" has code ${codes[row]} at row ${row} of a dictionary of ${size} strings`);
    }
  }
  return codes;
}

/** Integers of up to 32 bits as int32; 64-bit ones beyond that become -1, which is no code. */
export function readIntegers(reader: BatchReader, length: number, { bitWidth, isSigned }: ArrowType): Int32Array {
  if (bitWidth === 32) return reader.int32(length);
  if (bitWidth === 16) return Int32Array.from(reader.int16(length), (code) => (isSigned ? code : code & 0xffff));
  if (bitWidth === 8) return Int32Array.from(reader.int8(length), (code) => (isSigned ? code : code & 0xff));
  if (bitWidth !== 64) throw corrupt(`codes of ${bitWidth} bits`);
  const words = reader.words(length);
  return Int32Array.from({ length }, (_, row) => (words[2 * row + 1] === 0 ? words[2 * row]! : -1));
}
