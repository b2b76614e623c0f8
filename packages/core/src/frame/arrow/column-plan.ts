import { boolean, enumeration, float32, float64, int32, list, nullable, string, timestamp, vector } from '../../schema/factories.ts';
import type { ListElement, ValueType } from '../../schema/value-type.ts';
import { countBits, hasBit } from '../bits.ts';
import { categoriesOf } from '../categories.ts';
import { Column, type Values } from '../column.ts';
import { Dictionary } from '../dictionary.ts';
import { corrupt, unsupported } from './arrow-errors.ts';
import type { ArrowField } from './arrow-field.ts';
import type { BatchReader } from './batch-reader.ts';
import { readCodes, readIntegers } from './integers.ts';
import { checkMilliseconds, float64Of, millisecondsOf, millisecondsOfDays, shortOffsets } from './int64-values.ts';
import { checkOffsets, utf8Dictionary } from './utf8-dictionary.ts';

/** The dictionaries of a stream so far, by id. */
export type Dictionaries = ReadonlyMap<number, Dictionary>;

/** How a column of Arrow becomes a column of a frame: decided once per schema, run for every batch. */
export interface ColumnPlan {
  readonly name: string;
  readonly type: ValueType;
  read(reader: BatchReader, dictionaries: Dictionaries): Column;
}

/** An array: its validity, then what `rest` makes of its buffers. */
type ReadArray = (reader: BatchReader, dictionaries: Dictionaries) => Column;
interface ArrayPlan {
  readonly type: ValueType;
  readonly read: ReadArray;
}
type ReadValues = (reader: BatchReader, length: number, validity: Uint8Array | undefined) => Values;

/** @throws MilongaError `MILONGA_ARROW_UNSUPPORTED` for a type that frames do not have. */
export function planColumn(field: ArrowField): ColumnPlan {
  const plan = planArray(field);
  const { name } = field;
  const type = field.isNullable ? nullable(plan.type as ValueType & { readonly isNullable: false }) : plan.type;
  return {
    name,
    type,
    read: (reader, dictionaries) => {
      const { length, values, validity, dictionary, offsets } = plan.read(reader, dictionaries);
      if (length !== reader.length) throw corrupt(`column "${name}" has ${length} rows in a batch of ${reader.length}`);
      if (validity !== undefined && !field.isNullable) throw corrupt(`nulls in column "${name}", which has none by its schema`);
      return new Column(type, length, values, { validity, dictionary, offsets });
    },
  };
}

function planArray(field: ArrowField): ArrayPlan {
  const { type, name, dictionary } = field;
  if (dictionary !== undefined) return planCodes(field);
  switch (type.name) {
    case 'int':
      return planInt(field);
    case 'float':
      if (type.precision === 2) return plain(float64(), (reader, length) => reader.float64(length));
      if (type.precision === 1) return plain(float32(), (reader, length) => reader.float32(length));
      break;
    case 'bool':
      return plain(boolean(), (reader, length) => reader.bitmap(length));
    case 'date':
    case 'timestamp':
      return planMoments(field);
    case 'utf8':
    case 'large utf8':
      return planStrings(type.name === 'large utf8');
    case 'list':
    case 'large list':
    case 'fixed-size list':
      return planLists(field);
  }
  const precision = type.name === 'float' ? 'half-precision ' : '';
  throw unsupported(`column "${name}" is ${precision}${type.name}; cast it, for example to DOUBLE, VARCHAR or TIMESTAMP, where it is written`);
}

function plain(type: ValueType, readValues: ReadValues): ArrayPlan {
  return {
    type,
    read: (reader) => {
      const { length, nullCount } = reader.node();
      const validity = reader.validity(length, nullCount);
      return new Column(type, length, readValues(reader, length, validity), { validity });
    },
  };
}

function planInt({ name, type }: ArrowField): ArrayPlan {
  const { bitWidth, isSigned } = type;
  if (bitWidth === 64) return plain(float64(), (reader, length, validity) => float64Of(reader.words(length), isSigned, validity, name));
  if (bitWidth === 32 && isSigned) return plain(int32(), (reader, length) => reader.int32(length));
  if (bitWidth === 32) return plain(float64(), (reader, length) => Float64Array.from(reader.int32(length), (word) => word >>> 0));
  if (bitWidth !== 16 && bitWidth !== 8) throw corrupt(`column "${name}" has integers of ${bitWidth} bits`);
  return plain(int32(), (reader, length) => readIntegers(reader, length, type));
}

function planMoments({ name, type: { unit } }: ArrowField): ArrayPlan {
  if (unit === 'days') return plain(timestamp(), (reader, length, validity) => millisecondsOfDays(reader.int32(length), validity, name));
  if (unit !== 'ms') return plain(timestamp(), (reader, length, validity) => millisecondsOf(reader.words(length), unit, validity, name));
  return plain(timestamp(), (reader, length, validity) => {
    const words = reader.words(length);
    checkMilliseconds(words, validity, name);
    return words;
  });
}

/** Strings without a dictionary: row `n` is string `n`, so the strings themselves are the dictionary. */
function planStrings(isLarge: boolean): ArrayPlan {
  const type = string();
  return {
    type,
    read: (reader) => {
      const { length, nullCount } = reader.node();
      const validity = reader.validity(length, nullCount);
      const offsets = isLarge ? shortOffsets(reader.longOffsets(length)) : reader.offsets(length);
      const dictionary = utf8Dictionary(offsets, reader.bytes());
      const codes = new Int32Array(length);
      for (let row = 0; row < length; row += 1) codes[row] = row;
      return new Column(type, length, codes, { validity, dictionary });
    },
  };
}

const NO_STRINGS: Dictionary = Dictionary.of([]);

function planCodes(field: ArrowField): ArrayPlan {
  const { name, categories } = field;
  const { id, indexType } = field.dictionary!;
  if (field.type.name !== 'utf8' && field.type.name !== 'large utf8') {
    throw unsupported(`column "${name}" is a dictionary of ${field.type.name}; only dictionaries of strings are taken`);
  }
  const type = categories === undefined ? string() : enumeration(...categories);
  return {
    type,
    read: (reader, dictionaries) => {
      const { length, nullCount } = reader.node();
      const validity = reader.validity(length, nullCount);
      const sent = dictionaries.get(id) ?? NO_STRINGS;
      const codes = readCodes(reader, length, indexType, { validity, size: sent.size, name });
      if (categories === undefined) return new Column(type, length, codes, { validity, dictionary: sent });
      if (length > 0 && nullCount < length) checkCategories(sent, categories, name);
      return new Column(type, length, codes, { validity, dictionary: categoriesOf(type).dictionary });
    },
  };
}

function checkCategories(sent: Dictionary, categories: readonly string[], name: string): void {
  for (let code = 0; code < sent.size; code += 1) {
    if (sent.at(code) !== categories[code]) throw corrupt(`the strings of the enumeration "${name}" are not its members in their order`);
  }
}

const ELEMENT_KINDS: ReadonlySet<string> = new Set(['string', 'int32', 'float64', 'timestamp']);

function planLists(field: ArrowField): ArrayPlan {
  const { name, type: arrow, children } = field;
  const [child] = children;
  if (child === undefined || children.length > 1) throw corrupt(`the list "${name}" has ${children.length} types of elements`);
  if (child.type.name.includes('list')) throw unsupported(`column "${name}" is a list of lists`);
  const elements = planArray({ ...child, name: `${name}[]` });
  const isFixed = arrow.name === 'fixed-size list';
  if (isFixed && (arrow.size < 1 || arrow.size > 65_536)) throw unsupported(`column "${name}" is a list of ${arrow.size} elements a row`);
  if (isFixed && elements.type.kind === 'float32') return planVectors(name, arrow.size, elements);
  const of = elements.type.kind === 'float32' ? float64() : elements.type;
  if (!ELEMENT_KINDS.has(of.kind) || child.categories !== undefined) {
    throw unsupported(`column "${name}" is a list of ${of.kind}; lists of strings, int32, float64 and timestamps are taken`);
  }
  const type = list(of as ListElement);
  return {
    type,
    read: (reader, dictionaries) => {
      const { length, nullCount } = reader.node();
      const validity = reader.validity(length, nullCount);
      const given = isFixed ? undefined : arrow.name === 'list' ? reader.offsets(length) : shortOffsets(reader.longOffsets(length));
      const inner = elements.read(reader, dictionaries);
      if (isFixed && inner.length < length * arrow.size) throw corrupt(`the list "${name}" has ${inner.length} elements for ${length} rows of ${arrow.size}`);
      const offsets = given ?? Int32Array.from({ length: length + 1 }, (_, row) => row * arrow.size);
      checkOffsets(offsets, inner.length);
      checkElements(inner, offsets, validity, name);
      const values = inner.type.kind === 'float32' ? Float64Array.from(inner.values) : inner.values;
      return new Column(type, length, values, { validity, offsets, dictionary: inner.dictionary });
    },
  };
}

function planVectors(name: string, width: number, elements: ArrayPlan): ArrayPlan {
  const type = vector(width);
  return {
    type,
    read: (reader, dictionaries) => {
      const { length, nullCount } = reader.node();
      const validity = reader.validity(length, nullCount);
      const inner = elements.read(reader, dictionaries);
      if (inner.length < length * width) throw corrupt(`the vectors "${name}" have ${inner.length} elements for ${length} rows of ${width}`);
      if (inner.validity !== undefined) checkElements(inner, Int32Array.from({ length: length + 1 }, (_, row) => row * width), validity, name);
      return new Column(type, length, inner.values.subarray(0, length * width), { validity });
    },
  };
}

/** Elements of lists are never null; what lies under a null list may be anything. */
function checkElements(inner: Column, offsets: Int32Array, validity: Uint8Array | undefined, name: string): void {
  if (inner.validity === undefined || countBits(inner.validity, inner.length) === inner.length) return;
  for (let row = 0; row < offsets.length - 1; row += 1) {
    if (validity !== undefined && !hasBit(validity, row)) continue;
    for (let at = offsets[row]!; at < offsets[row + 1]!; at += 1) {
      if (!hasBit(inner.validity, at)) throw unsupported(`column "${name}" has a null inside a list at row ${row}; lists hold no nulls`);
    }
  }
}
