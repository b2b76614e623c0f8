import { corrupt } from './arrow-errors.ts';
import { type ArrowTypeName, ENUMERATION_KEY, TIME_UNITS, TYPE_NAMES } from './arrow-format.ts';
import type { FlatbufferTable } from './flatbuffer-table.ts';

/** The type of a field as Arrow has it. Parameters that a type does not have are 0 or false. */
export interface ArrowType {
  readonly name: ArrowTypeName;
  readonly bitWidth: number;
  readonly isSigned: boolean;
  /** Of a float: 0 half, 1 single, 2 double. */
  readonly precision: number;
  /** Of a timestamp, or of a date: 'days' or 'ms'. */
  readonly unit: (typeof TIME_UNITS)[number] | 'days';
  /** Of a fixed-size list. */
  readonly size: number;
}

/** A field of an Arrow schema. */
export interface ArrowField {
  readonly name: string;
  readonly isNullable: boolean;
  readonly type: ArrowType;
  /** When its values are codes: the dictionary, and the integers that the codes are. */
  readonly dictionary: { readonly id: number; readonly indexType: ArrowType } | undefined;
  readonly children: readonly ArrowField[];
  /** Members, when Milonga wrote the field as an enumeration. */
  readonly categories: readonly string[] | undefined;
}

const MOST_FIELDS = 10_000;
const MOST_DEPTH = 8;

/** The fields of a schema table, or the children of a field. All together may name 10,000 fields. */
export function readFields(
  table: FlatbufferTable,
  id: number,
  budget: { left: number } = { left: MOST_FIELDS },
  depth = 0,
): ArrowField[] {
  if (depth > MOST_DEPTH) throw corrupt(`fields nested more than ${MOST_DEPTH} deep`);
  const tables = table.tables(id, budget.left);
  budget.left -= tables.length;
  return tables.map((field) => readField(field, budget, depth));
}

function readField(field: FlatbufferTable, budget: { left: number }, depth: number): ArrowField {
  const encoding = field.table(4);
  const indexType = encoding?.table(1);
  return {
    name: field.string(0),
    isNullable: field.byte(1) !== 0,
    type: readType(field.byte(2), field.table(3)),
    dictionary:
      encoding === undefined
        ? undefined
        : { id: encoding.long(0), indexType: indexType === undefined ? INT32 : readInt(indexType) },
    children: readFields(field, 5, budget, depth + 1),
    categories: readCategories(field),
  };
}

const NO_PARAMETERS = { bitWidth: 0, isSigned: false, precision: 0, unit: 's', size: 0 } as const;
const INT32: ArrowType = { ...NO_PARAMETERS, name: 'int', bitWidth: 32, isSigned: true };

const readInt = (table: FlatbufferTable): ArrowType => ({
  ...NO_PARAMETERS,
  name: 'int',
  bitWidth: table.int(0),
  isSigned: table.byte(1) !== 0,
});

function readType(id: number, table: FlatbufferTable | undefined): ArrowType {
  const name = TYPE_NAMES[id];
  if (name === undefined || table === undefined) throw corrupt(`a field of the unknown type ${id}`);
  if (name === 'int') return readInt(table);
  if (name === 'float') return { ...NO_PARAMETERS, name, precision: table.short(0) };
  if (name === 'timestamp') return { ...NO_PARAMETERS, name, unit: TIME_UNITS[table.short(0)] ?? 's' };
  if (name === 'date') return { ...NO_PARAMETERS, name, unit: table.short(0, 1) === 0 ? 'days' : 'ms' };
  if (name === 'fixed-size list') return { ...NO_PARAMETERS, name, size: table.int(0) };
  return { ...NO_PARAMETERS, name };
}

function readCategories(field: FlatbufferTable): readonly string[] | undefined {
  const pair = field.tables(6, 64).find((one) => one.string(0) === ENUMERATION_KEY);
  if (pair === undefined) return undefined;
  let members: unknown;
  try {
    members = JSON.parse(pair.string(1));
  } catch (error) {
    throw corrupt('the members of an enumeration are not JSON', error);
  }
  if (
    !Array.isArray(members) ||
    members.length === 0 ||
    !members.every((member) => typeof member === 'string') ||
    new Set(members).size < members.length
  ) {
    throw corrupt('the members of an enumeration are not different strings');
  }
  return members;
}
