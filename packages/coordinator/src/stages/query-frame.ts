import {
  boolean,
  type Fields,
  Frame,
  float64,
  list,
  MilongaError,
  type Row,
  string,
  type ValueType,
  vector,
} from '@milonga/core';

/**
 * Fields of a query as a frame of one row, for models. A field has the type that the pipeline's input or its query hydrator
 * declares; one that nobody declared has the type that its value shows.
 *
 * `from` names, for each column, the field that it comes from. Default: every field that can be a column, under its own name.
 */
export function queryFrame(query: object, declared: Fields, from?: Readonly<Record<string, string>>): Frame {
  const fields: Record<string, ValueType> = {};
  const row: Record<string, unknown> = {};
  const values = query as Readonly<Record<string, unknown>>;
  for (const [column, field] of Object.entries(from ?? own(values))) {
    const value = values[field];
    const type = declared[field] ?? typeShownBy(value);
    if (type !== undefined) {
      fields[column] = type;
      row[column] = value;
    } else if (from !== undefined) {
      throw new MilongaError(
        'MILONGA_DEFINITION_INVALID',
        `Query field "${field}" cannot be a column: it is ${value === undefined ? 'not there' : typeof value}. Models read strings, numbers, booleans, vectors and lists.`,
      );
    }
  }
  return Frame.fromRows(fields, [row as Row<Fields>]);
}

const own = (values: object): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.keys(values).map((name) => [name, name]));

function typeShownBy(value: unknown): ValueType | undefined {
  if (typeof value === 'string') return string();
  if (typeof value === 'number') return float64();
  if (typeof value === 'boolean') return boolean();
  if (value instanceof Float32Array && value.length > 0) return vector(value.length);
  if (!Array.isArray(value)) return undefined;
  if (value.every((element) => typeof element === 'string')) return list(string());
  return value.every((element) => typeof element === 'number') ? list(float64()) : undefined;
}
