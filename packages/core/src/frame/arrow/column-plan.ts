import { boolean, enumeration, float32, float64, int32, nullable, string, timestamp } from '../../schema/factories.ts';
import type { ValueType } from '../../schema/value-type.ts';
import { categoriesOf } from '../categories.ts';
import { Column, type Values } from '../column.ts';
import { Dictionary } from '../dictionary.ts';
import type { ArrayPlan, Dictionaries } from './array-plan.ts';
import { corrupt, unsupported } from './arrow-errors.ts';
import type { ArrowField } from './arrow-field.ts';
import type { BatchReader } from './batch-reader.ts';
import { checkMilliseconds, float64Of, millisecondsOf, millisecondsOfDays, shortOffsets } from './int64-values.ts';
import { readCodes, readIntegers } from './integers.ts';
import { planLists } from './list-plan.ts';
import { utf8Dictionary } from './utf8-dictionary.ts';

/** How a column of Arrow becomes a column of a frame: decided once per schema, run for every batch. */
export interface ColumnPlan {
  readonly name: string;
  readonly type: ValueType;
  read(reader: BatchReader, dictionaries: Dictionaries): Column;
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
      if (validity !== undefined && !field.isNullable)
        throw corrupt(`nulls in column "${name}", which has none by its schema`);
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
      return planLists(field, planArray);
  }
  const precision = type.name === 'float' ? 'half-precision ' : '';
  throw unsupported(
    `column "${name}" is ${precision}${type.name}; cast it, for example to DOUBLE, VARCHAR or TIMESTAMP, where it is written`,
  );
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
  if (bitWidth === 64)
    return plain(float64(), (reader, length, validity) => float64Of(reader.words(length), isSigned, validity, name));
  if (bitWidth === 32 && isSigned) return plain(int32(), (reader, length) => reader.int32(length));
  if (bitWidth === 32)
    return plain(float64(), (reader, length) => Float64Array.from(reader.int32(length), (word) => word >>> 0));
  if (bitWidth !== 16 && bitWidth !== 8) throw corrupt(`column "${name}" has integers of ${bitWidth} bits`);
  return plain(int32(), (reader, length) => readIntegers(reader, length, type));
}

function planMoments({ name, type: { unit } }: ArrowField): ArrayPlan {
  if (unit === 'days')
    return plain(timestamp(), (reader, length, validity) => millisecondsOfDays(reader.int32(length), validity, name));
  if (unit !== 'ms')
    return plain(timestamp(), (reader, length, validity) => millisecondsOf(reader.words(length), unit, validity, name));
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
    if (sent.at(code) !== categories[code])
      throw corrupt(`the strings of the enumeration "${name}" are not its members in their order`);
  }
}
