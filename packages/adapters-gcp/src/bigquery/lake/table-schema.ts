import {
  boolean,
  type Fields,
  float32,
  float64,
  int32,
  type ListElement,
  list,
  MilongaError,
  nullable,
  string,
  timestamp,
  type ValueType,
  vector,
} from '@milonga/core';

/** A column as BigQuery's interface has it. */
export interface TableField {
  readonly name: string;
  readonly type: string;
  readonly mode?: 'NULLABLE' | 'REQUIRED' | 'REPEATED';
  readonly description?: string;
}

type Plain = ValueType & { readonly isNullable: false };
type SimpleKind = 'string' | 'int32' | 'float32' | 'float64' | 'boolean' | 'timestamp';

const SIMPLE: Readonly<Record<SimpleKind, { readonly type: string; readonly of: () => Plain }>> = {
  string: { type: 'STRING', of: string },
  int32: { type: 'INTEGER', of: int32 },
  float32: { type: 'FLOAT', of: float32 },
  float64: { type: 'FLOAT', of: float64 },
  boolean: { type: 'BOOLEAN', of: boolean },
  timestamp: { type: 'TIMESTAMP', of: timestamp },
};

/** Kinds that a column has where its description does not say: the widest that BigQuery's type may hold. */
const FOUND: Readonly<Record<string, () => Plain>> = {
  STRING: string,
  INTEGER: int32,
  INT64: int32,
  FLOAT: float64,
  FLOAT64: float64,
  BOOLEAN: boolean,
  BOOL: boolean,
  TIMESTAMP: timestamp,
};

/** Enumerations are kept as strings: their members may change without a change of what is stored. */
const kindOf = (type: ValueType): string => (type.kind === 'enumeration' ? 'string' : type.kind);

/** What a column holds, as BigQuery's own types do not say it: `vector(64)`, `list(int32), nullable`. */
function described(type: ValueType): string {
  const inner = type.kind === 'vector' ? `(${type.width})` : type.kind === 'list' ? `(${kindOf(type.element!)})` : '';
  return `${kindOf(type)}${inner}${type.isNullable ? ', nullable' : ''}`;
}

const DESCRIPTION = /^Milonga: (\w+)(?:\((\w+)\))?(, nullable)?/;

/** The column that keeps a field. */
export function fieldOf(name: string, type: ValueType): TableField {
  const description = `Milonga: ${described(type)}`;
  if (type.kind === 'vector') return { name, type: 'FLOAT', mode: 'REPEATED', description };
  if (type.kind === 'list') {
    return { name, type: SIMPLE[kindOf(type.element!) as SimpleKind].type, mode: 'REPEATED', description };
  }
  const mode = type.isNullable ? 'NULLABLE' : 'REQUIRED';
  return { name, type: SIMPLE[kindOf(type) as SimpleKind].type, mode, description };
}

/** The type of the field that a column keeps; `undefined` for columns of others that no field can have. */
export function typeOf({ type, mode, description }: TableField): ValueType | undefined {
  const [, kind, inner, isNullable] = DESCRIPTION.exec(description ?? '') ?? [];
  const known = kind === undefined ? undefined : typeOfKind(kind, inner);
  if (known !== undefined) return isNullable ? nullable(known) : known;
  const found = FOUND[type]?.();
  if (found === undefined) return undefined;
  if (mode === 'REPEATED') return found.kind === 'boolean' ? undefined : nullable(list(found as ListElement));
  return mode === 'REQUIRED' ? found : nullable(found);
}

function typeOfKind(kind: string, inner: string | undefined): Plain | undefined {
  if (kind === 'vector') return vector(Number(inner));
  if (kind === 'list') return list(SIMPLE[inner as SimpleKind].of() as ListElement);
  return SIMPLE[kind as SimpleKind]?.of();
}

/** The fields of a table that rows may have. */
export const fieldsOf = (columns: readonly TableField[]): Fields =>
  Object.fromEntries(
    columns.flatMap((column) => {
      const type = typeOf(column);
      return type === undefined ? [] : [[column.name, type]];
    }),
  );

/** The columns of a frame in a table of its own, where every one may be null. */
export const looseFields = (fields: Fields): readonly TableField[] =>
  Object.entries(fields).map(([name, type]) => {
    const { type: columnType, mode } = fieldOf(name, type);
    return { name, type: columnType, mode: mode === 'REPEATED' ? mode : 'NULLABLE' };
  });

/**
 * The columns of a table after a definition: those it has, then the new ones; `undefined` when nothing is new. Columns
 * that are added later are nullable, since older rows have nothing there; others become nullable when a definition says so.
 *
 * @throws MilongaError `MILONGA_STORAGE_INCOMPATIBLE` when a column has another type.
 */
export function columnsAfter(
  table: string,
  known: readonly TableField[],
  fields: Fields,
): readonly TableField[] | undefined {
  const columns = [...known];
  let isChanged = false;
  for (const [name, type] of Object.entries(fields)) {
    const slot = columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase());
    const before = columns[slot];
    if (before === undefined) columns.push(fieldOf(name, type.isNullable ? type : nullable(type as Plain)));
    else {
      checkSameKind(table, before, name, type);
      if (!type.isNullable || typeOf(before)?.isNullable) continue;
      columns[slot] = fieldOf(name, type);
    }
    isChanged = true;
  }
  return isChanged ? columns : undefined;
}

function checkSameKind(table: string, before: TableField, name: string, type: ValueType): void {
  const known = typeOf(before);
  const plain = (value: string): string => value.replace(', nullable', '');
  const found = known === undefined ? before.type : plain(described(known));
  const wanted = plain(described(type));
  const isDeclared = DESCRIPTION.test(before.description ?? '');
  const isStoredAlike = before.type === fieldOf(name, type).type && (before.mode === 'REPEATED') === isRepeated(type);
  if (before.name === name && (isDeclared ? found === wanted : isStoredAlike)) return;
  throw new MilongaError(
    'MILONGA_STORAGE_INCOMPATIBLE',
    `Table "${table}" has the column "${before.name}" of kind ${found}; it cannot become "${name}" of kind ${wanted}. Give the new column another name.`,
  );
}

const isRepeated = ({ kind }: ValueType): boolean => kind === 'list' || kind === 'vector';
