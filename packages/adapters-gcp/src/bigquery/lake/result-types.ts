import {
  boolean,
  type Fields,
  float64,
  type ListElement,
  list,
  MilongaError,
  nullable,
  string,
  timestamp,
  type ValueType,
} from '@milonga/core';
import type { TableField } from './table-schema.ts';

type Plain = ValueType & { readonly isNullable: false };

const PLAIN: Readonly<Record<string, () => Plain>> = {
  STRING: string,
  INTEGER: float64,
  INT64: float64,
  FLOAT: float64,
  FLOAT64: float64,
  BOOLEAN: boolean,
  BOOL: boolean,
  TIMESTAMP: timestamp,
  DATETIME: timestamp,
  DATE: timestamp,
};

const refused = (message: string): MilongaError => new MilongaError('MILONGA_LAKE_QUERY_FAILED', message);

/**
 * The types of the columns that a result becomes. BigQuery's integers have 64 bits and are float64, exact up to 2^53.
 *
 * @throws MilongaError `MILONGA_LAKE_QUERY_FAILED` for types that frames do not have; the query must cast them.
 */
export function typesOfResult(columns: readonly TableField[]): Fields {
  const fields: Record<string, ValueType> = {};
  for (const { name, type, mode } of columns) {
    if (Object.hasOwn(fields, name)) throw refused(`The result has two columns "${name}"; name one otherwise with AS.`);
    const found = PLAIN[type]?.();
    if (found === undefined || (mode === 'REPEATED' && found.kind === 'boolean')) {
      throw refused(
        `Column "${name}" of the result is ${mode === 'REPEATED' ? `ARRAY<${type}>` : type}, which a frame cannot hold. Cast it in the query, for example CAST(\`${name}\` AS FLOAT64) or AS STRING.`,
      );
    }
    fields[name] = nullable(mode === 'REPEATED' ? list(found as ListElement) : found);
  }
  return fields;
}

/** The error for an integer that a frame would make another number of. */
export const inexact = (name: string, text: string): MilongaError =>
  refused(
    `Column "${name}" of the result has the integer ${text}, which is beyond 2^53. Cast it in the query, for example CAST(\`${name}\` AS STRING).`,
  );
