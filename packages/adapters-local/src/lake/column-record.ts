import {
  boolean,
  Column,
  type Fields,
  Frame,
  float32,
  float64,
  int32,
  Layout,
  type ListElement,
  list,
  nullable,
  string,
  timestamp,
  type ValueKind,
  type ValueType,
  vector,
} from '@milonga/core';

/** A column of a table as the log has it. */
export interface ColumnRecord {
  readonly name: string;
  readonly kind: Exclude<ValueKind, 'enumeration'>;
  readonly isNullable?: true;
  readonly width?: number;
  readonly element?: ValueKind;
}

type Plain = ValueType & { readonly isNullable: false };

const simple: Readonly<Record<Exclude<ValueKind, 'enumeration' | 'vector' | 'list'>, () => Plain>> = {
  string,
  int32,
  float32,
  float64,
  boolean,
  timestamp,
};

/** Enumerations are kept as strings: their members may change without a change of what is stored. */
export function recordOf(name: string, type: ValueType): ColumnRecord {
  return {
    name,
    kind: type.kind === 'enumeration' ? 'string' : type.kind,
    ...(type.isNullable ? { isNullable: true } : {}),
    ...(type.kind === 'vector' ? { width: type.width } : {}),
    ...(type.element === undefined ? {} : { element: type.element.kind }),
  };
}

export function typeOfRecord({ kind, width, element, isNullable }: ColumnRecord): ValueType {
  const type =
    kind === 'vector'
      ? vector(width ?? 0)
      : kind === 'list'
        ? list(simple[element as 'string']() as ListElement)
        : simple[kind as 'string']();
  return isNullable === true ? nullable(type) : type;
}

export const fieldsOf = (columns: readonly ColumnRecord[]): Fields =>
  Object.fromEntries(columns.map((column) => [column.name, typeOfRecord(column)]));

/** True when both have the same values in files; only nullability may differ. */
export const isStoredAlike = (left: ColumnRecord, right: ColumnRecord): boolean =>
  left.name === right.name && left.kind === right.kind && left.width === right.width && left.element === right.element;

/** The frame with its enumerations seen as strings, which they are in memory. */
export function withStrings(frame: Frame): Frame {
  if (!frame.layout.types.some(({ kind }) => kind === 'enumeration')) return frame;
  const fields = Object.fromEntries(
    frame.layout.names.map((name, slot) => [name, typeOfRecord(recordOf(name, frame.layout.types[slot]!))]),
  );
  const columns = frame.columns.map((column, slot) => {
    const { type, length, values, validity, dictionary } = column;
    return type.kind === 'enumeration'
      ? new Column(fields[frame.layout.names[slot]!]!, length, values, { validity, dictionary })
      : column;
  });
  return new Frame(Layout.of<Fields>(fields), columns, frame.length);
}
